/* What all floods have in common: their thresholds, and how their figures leave k6. */
import { setting } from './setting.k6.js';

/** @type {string[]} In the order of the report. */
let phaseNames = [];

/** k6's own metrics of HTTP. */
const HTTP_METRICS = { count: 'http_reqs', duration: 'http_req_duration' };
/** Names of the metrics that count and time the requests of the report. */
let reported = HTTP_METRICS;

/**
 * Phases run side by side or one after another, and each is told apart in the summary: k6 keeps figures by tag only
 * where a threshold asks for them.
 * @param {Record<string, import('k6/options').Scenario>} phases
 * @param {{ count: string, duration: string }} metricNames of the requests
 * @returns {import('k6/options').Options}
 */
export function optionsOf(phases, metricNames = HTTP_METRICS) {
  phaseNames = Object.keys(phases);
  reported = metricNames;
  /** @type {Record<string, string[]>} */
  const thresholds = {
    failed_answers: ['count==0'],
    wrong_answers: ['count==0'],
    right_answers: ['count>0'],
  };
  for (const phase of phaseNames) {
    thresholds[`${reported.count}{scenario:${phase}}`] = ['count>0'];
    thresholds[`${reported.duration}{scenario:${phase}}`] = ['max>=0'];
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
 * Users who run `exec` once; it returns after SECONDS.
 * @param {number} users
 * @param {string} exec the exported function
 * @param {number} startSeconds
 * @returns {import('k6/options').Scenario}
 */
export function longIterationsOf(users, exec, startSeconds) {
  return {
    executor: 'per-vu-iterations',
    vus: users,
    maxDuration: `${SECONDS}s`,
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
  return { [setting('FLOOD_SUMMARY')]: JSON.stringify({ phaseNames, reported, metrics }) };
}
