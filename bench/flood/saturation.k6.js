/* Ever more users without think time, FLOOD_STEPS of them one after another: where does throughput stop to grow? */
import { optionsOf, phaseOf, SECONDS, saveSummary } from './options.k6.js';
import { predict } from './requests.k6.js';
import { setting } from './setting.k6.js';

/** The last answers of one step are not to meet the next. */
const GAP_SECONDS = 1;

const steps = setting('FLOOD_STEPS').split(',').map(Number);

export const options = optionsOf(
  Object.fromEntries(
    steps.map((users, index) => [`users_${users}`, phaseOf(users, 'ask', index * (SECONDS + GAP_SECONDS))]),
  ),
);
export const handleSummary = saveSummary;

export function ask() {
  predict('form');
}
