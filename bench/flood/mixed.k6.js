/* FLOOD_USERS who use the whole API at once, without think time. */
import { doOneOf } from './choose.k6.js';
import { optionsOf, phaseOf, saveSummary } from './options.k6.js';
import { giveFeedback, predict, visit } from './requests.k6.js';
import { setting } from './setting.k6.js';

export const options = optionsOf({ everything: phaseOf(Number(setting('FLOOD_USERS')), 'useAll') });
export const handleSummary = saveSummary;

export function useAll() {
  doOneOf([
    [10, () => predict('raw')],
    [10, () => predict('form')],
    [5, () => predict('json')],
    [3, () => predict('batch')],
    [2, giveFeedback],
    [1, () => visit('/api/statistics')],
    [1, () => visit('/api/model/info')],
    [1, () => visit('/api/models')],
    [1, () => visit('/api/health/ready')],
  ]);
}
