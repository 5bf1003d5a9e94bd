/* A few users who take their time, suddenly FLOOD_USERS who take none, then the few again. */
import { sleep } from 'k6';
import { optionsOf, phaseOf, SECONDS, saveSummary } from './options.k6.js';
import { predict } from './requests.k6.js';
import { setting } from './setting.k6.js';

const CALM_USERS = 5;
const PAUSE_SECONDS = 0.1;

export const options = optionsOf({
  before: phaseOf(CALM_USERS, 'askCalmly'),
  spike: phaseOf(Number(setting('FLOOD_USERS')), 'ask', SECONDS),
  after: phaseOf(CALM_USERS, 'askCalmly', 2 * SECONDS),
});
export const handleSummary = saveSummary;

export function ask() {
  predict('form');
}

export function askCalmly() {
  predict('form');
  sleep(PAUSE_SECONDS);
}
