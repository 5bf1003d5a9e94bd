/*
 * Images over `/api/stream`: FLOOD_STEPS connections one phase after another, each with FLOOD_FRAMES_IN_FLIGHT requests in
 * flight. Every answer is compared with that of its image alone.
 */
import { Counter, Trend } from 'k6/metrics';
import { WebSocket } from 'k6/websockets';
import { longIterationsOf, optionsOf, SECONDS, saveSummary } from './options.k6.js';
import { anyRequest, compare, countFailure, STREAM_URL } from './requests.k6.js';
import { setting } from './setting.k6.js';

/** Between phases, so that the last answers of one do not count in the next. */
const GAP_SECONDS = 1;
const FRAMES_IN_FLIGHT = Number(setting('FLOOD_FRAMES_IN_FLIGHT'));
/** @source RFC 6455, 7.4.1 */
const NORMAL_CLOSURE = 1000;

const streamAnswers = new Counter('stream_answers');
const answerDuration = new Trend('stream_answer_duration', true);

const phases = setting('FLOOD_STEPS')
  .split(',')
  .map((connections, index) => [
    `connections_${connections}`,
    longIterationsOf(Number(connections), 'ask', index * (SECONDS + GAP_SECONDS)),
  ]);

export const options = optionsOf(Object.fromEntries(phases), {
  count: 'stream_answers',
  duration: 'stream_answer_duration',
});
export const handleSummary = saveSummary;

/** One connection, until the phase is over and its last answer is here. */
export function ask() {
  const socket = new WebSocket(STREAM_URL);
  const endsMs = Date.now() + SECONDS * 1000;
  /** Requests without answer, by id. */
  const inFlight = new Map();
  let id = 0;

  const send = () => {
    id += 1;
    const { body, expected } = anyRequest('raw');
    inFlight.set(id, { expected, sentMs: Date.now() });
    socket.send(JSON.stringify({ type: 'predict', id, binary: 'image' }));
    socket.send(body);
  };
  socket.onmessage = (event) => {
    const data = String(event?.data);
    const message = JSON.parse(data);
    if (message.type === 'hello') {
      for (let sent = 0; sent < FRAMES_IN_FLIGHT; sent++) send();
      return;
    }
    const request = inFlight.get(message.id);
    inFlight.delete(message.id);
    if (request === undefined || message.type !== 'answer') countFailure(`/api/stream: ${data}`);
    else {
      streamAnswers.add(1);
      answerDuration.add(Date.now() - request.sentMs);
      compare(message.predictions, request.expected);
    }
    if (Date.now() < endsMs) send();
    else if (inFlight.size === 0) socket.close(NORMAL_CLOSURE);
  };
  socket.onerror = (event) => countFailure(`/api/stream: ${event?.error}`);
  socket.onclose = () => {
    for (const unanswered of inFlight.keys()) countFailure(`/api/stream: no answer to ${unanswered}`);
  };
}
