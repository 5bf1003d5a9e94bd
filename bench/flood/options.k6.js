/* What all floods have in common: their thresholds, and how their figures leave k6. */
import { setting } from './setting.k6.js';

/** @type {string[]} In the order in which they are told of. */
let phaseNames = [];

/**
 * Phases run side by side or one after another, and each is told apart in the summary: k6 keeps figures by tag only
 * where a threshold asks for them.
 * @param {Record<string, import('k6/options').Scenario>} phases
 * @returns {import('k6/options').Options}
 */
export function optionsOf(phases) {
  phaseNames = Object.keys(phases);
  /** @type {Record<string, string[]>} */
  const thresholds = {
    failed_answers: ['count==0'],
    wrong_answers: ['count==0'],
    right_answers: ['count>0'],
  };
  for (const phase of phaseNames) {
    thresholds[`http_reqs{scenario:${phase}}`] = ['count>0'];
    thresholds[`http_req_duration{scenario:${phase}}`] = ['max>=0'];
  }
  return { scenarios: phases, thresholds, summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max'] };
}

/** Length of every phase, in seconds. */
export const SECONDS = Number(setting('FLOOD_SECONDS'));

/** Nobody is cut off in the middle: that would be an error of ours. */
const GRACEFUL_STOP = '30s';

/**
 * @param {number} users
 * @param {string} exec the exported function that one user runs again and again
 * @param {number} startSeconds
 * @returns {import('k6/options').Scenario}
 */
export function phaseOf(users, exec, startSeconds = 0) {
  return {
    executor: 'constant-vus',
    vus: users,
    duration: `${SECONDS}s`,
    startTime: `${startSeconds}s`,
    gracefulStop: GRACEFUL_STOP,
    exec,
  };
}

/**
 * To be exported as handleSummary, which k6 calls last; what it returns is written to files.
 * @param {{ metrics: unknown }} data
 */
export function saveSummary({ metrics }) {
  return { [setting('FLOOD_SUMMARY')]: JSON.stringify({ phaseNames, metrics }) };
}
