/* Sends what the runner prepared, and judges what comes back. */
import http from 'k6/http';
import { Counter, Trend } from 'k6/metrics';
import { setting } from './setting.k6.js';

/**
 * @typedef {{ predicted_class: string, confidence: number }} Answer
 * @typedef {{ path: string, contentType: string, bodyFile: string, expected: Answer[] }} Prepared as prepare.ts writes it
 */

/** @type {{ url: string, tolerance: number, pages: string[], kinds: Record<string, Prepared[]> }} */
const { url, tolerance, pages, kinds } = JSON.parse(open(setting('FLOOD_REQUESTS')));

const requests = new Map(
  Object.entries(kinds).map(([kind, list]) => [
    kind,
    list.map((request) => ({ ...request, body: open(request.bodyFile, 'b') })),
  ]),
);

/** Not answered, or with an error. */
const failedAnswers = new Counter('failed_answers');
/** Answered with another class or confidence than the image's own. */
const wrongAnswers = new Counter('wrong_answers');
const rightAnswers = new Counter('right_answers');

/** Each user tells of its first failure only: there may be thousands. */
let hasComplained = false;

/** @param {string} problem */
export function countFailure(problem) {
  failedAnswers.add(1);
  if (!hasComplained) console.warn(problem);
  hasComplained = true;
}

/** @param {import('k6/http').RefinedResponse<import('k6/http').ResponseType>} response */
function fail({ status, error, request }) {
  countFailure(`${request.method} ${request.url}: ${error || `status ${status}`}`);
}

/** From the Server-Timing header. */
const serverTimings = new Map(
  ['queue', 'decode', 'inference'].map((part) => [part, new Trend(`server_${part}`, true)]),
);

/** @param {string | undefined} header */
function takeServerTiming(header = '') {
  for (const [, part = '', milliseconds] of header.matchAll(/(\w+);dur=([\d.]+)/g)) {
    serverTimings.get(part)?.add(Number(milliseconds));
  }
}

/**
 * @param {import('k6/http').RefinedResponse<'text'>} response
 * @returns {Answer[]} none where the answer makes no sense
 */
function answersIn(response) {
  try {
    const answer = JSON.parse(response.body);
    return answer.predictions ?? [answer];
  } catch {
    return [];
  }
}

/**
 * @param {Answer[]} answers
 * @param {Answer[]} expected
 */
function isRight(answers, expected) {
  return (
    answers.length === expected.length &&
    expected.every(({ predicted_class: name, confidence }, index) => {
      const answer = answers[index];
      return answer?.predicted_class === name && Math.abs(answer.confidence - confidence) <= tolerance;
    })
  );
}

/**
 * @template T
 * @param {T[]} list not empty
 */
function anyOf(list) {
  return list[Math.floor(Math.random() * list.length)];
}

/**
 * @param {string} kind as named in prepare.ts
 * @returns {Prepared & { body: ArrayBuffer }}
 */
export function anyRequest(kind) {
  const request = anyOf(requests.get(kind) ?? []);
  if (request === undefined) throw new Error(`No ${kind} was prepared. This is a bug.`);
  return request;
}

/**
 * @param {Answer[]} answers
 * @param {Answer[]} expected
 */
export function compare(answers, expected) {
  (isRight(answers, expected) ? rightAnswers : wrongAnswers).add(1);
}

/**
 * Asks for a prediction, and compares it with what the image got when it was alone.
 * @param {string} kind as named in prepare.ts
 */
export function predict(kind) {
  const request = anyRequest(kind);
  const response = http.post(`${url}${request.path}`, request.body, {
    headers: { 'Content-Type': request.contentType },
    responseType: 'text',
  });
  if (response.status !== 200) return fail(response);
  takeServerTiming(response.headers['Server-Timing']);
  compare(answersIn(response), request.expected);
}

/** @param {string} path is left out where the server has no such page, which the runner then says */
export function visit(path) {
  if (!pages.includes(path)) return;
  const response = http.get(`${url}${path}`, { responseType: 'none' });
  if (response.status !== 200) fail(response);
}

/** Address of `/api/stream`. */
export const STREAM_URL = `${url.replace('http', 'ws')}/api/stream`;

/** Looks through the history, reads one prediction, and says what it really was. */
export function giveFeedback() {
  const page = http.get(`${url}/api/predictions?limit=5`, { responseType: 'text' });
  if (page.status !== 200) return fail(page);
  /** @type {{ predictions: { id: string, predicted_class: string }[] }} */
  const { predictions } = JSON.parse(page.body);
  const prediction = anyOf(predictions);
  if (prediction === undefined) return;
  const address = `${url}/api/predictions/${prediction.id}`;
  const body = JSON.stringify({ label: prediction.predicted_class });
  const headers = { 'Content-Type': 'application/json' };
  const answers = [http.get(address), http.post(`${address}/feedback`, body, { headers })];
  for (const answer of answers) if (answer.status < 200 || answer.status > 299) fail(answer);
}
