/*
 * The Locust scenario of the service that we replace: half of the users ask for single predictions and look at pages,
 * half of them send batches of five. FLOOD_USERS in all; FLOOD_THINKS=true lets them pause as they did there.
 */
import { sleep } from 'k6';
import exec from 'k6/execution';
import { doOneOf } from './choose.k6.js';
import { optionsOf, phaseOf, saveSummary } from './options.k6.js';
import { predict, visit } from './requests.k6.js';
import { setting } from './setting.k6.js';

const THINKS = setting('FLOOD_THINKS') === 'true';
const EACH = Number(setting('FLOOD_USERS')) / 2;

export const options = optionsOf({
  single: phaseOf(Math.ceil(EACH), 'askSingly'),
  batches: phaseOf(Math.max(1, Math.floor(EACH)), 'askInBatches'),
});
export const handleSummary = saveSummary;

/**
 * @param {number} fromSeconds
 * @param {number} toSeconds
 */
function think(fromSeconds, toSeconds) {
  if (THINKS) sleep(fromSeconds + Math.random() * (toSeconds - fromSeconds));
}

/** Users do not come all at once, unless none of them thinks. */
function arrive() {
  if (exec.vu.iterationInScenario === 0) think(0, 2);
}

export function askSingly() {
  arrive();
  doOneOf([
    [10, () => predict('form')],
    [3, () => visit('/api/model/uptime')],
    [2, () => visit('/api/statistics')],
    [1, () => visit('/')],
    [1, () => visit('/api/health')],
    [1, () => visit('/api/visualizations')],
  ]);
  think(1, 3);
}

export function askInBatches() {
  arrive();
  predict('batch');
  think(2, 5);
}
