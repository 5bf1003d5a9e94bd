import type { LiveMessage } from '../../../../clients/typescript/src/answers/server.js';
import { binsSince, quantile } from './quantile.js';

/** One moment of the charts. Null: unknown, or nothing to measure. */
export interface LivePoint {
  /** Unix seconds. */
  readonly time: number;
  readonly perSecond: number | null;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly inFlight: number;
  readonly decoding: number;
  readonly batching: number;
  readonly batchSize: number | null;
  readonly errorsPerSecond: number | null;
  readonly cpu: number;
  readonly gpu: number | null;
}

/** Latency and batch size are of the messages of this time: a single interval has few predictions. */
const WINDOW_SECONDS = 10;
export const MAX_POINTS = 300;

function secondsOf({ time }: LiveMessage): number {
  return Date.parse(time) / 1000;
}

function imagesAndBatches({ batches }: LiveMessage): { images: number; batches: number } {
  return {
    images: batches.reduce((sum, each) => sum + each.images, 0),
    batches: batches.reduce((sum, each) => sum + each.batches, 0),
  };
}

/** @returns null after a restart of the server, which counts from zero */
function difference(now: number, before: number): number | null {
  return now < before ? null : now - before;
}

/** Messages of the last `WINDOW_SECONDS`, and what they mean. */
export class LivePoints {
  #recent: LiveMessage[] = [];

  add(message: LiveMessage): LivePoint {
    const time = secondsOf(message);
    const last = this.#recent.at(-1);
    this.#recent = [...this.#recent.filter((each) => secondsOf(each) > time - WINDOW_SECONDS), message];
    const first = this.#recent[0] ?? message;
    const { queues, usage } = message;
    return {
      time,
      ...ratesSince(message, last),
      ...latencySince(message, first),
      inFlight: queues.requests_in_flight,
      decoding: queues.decode_images,
      batching: queues.images,
      batchSize: batchSizeSince(message, first),
      cpu: usage.cpu_cores,
      gpu: usage.gpus[0]?.utilization ?? null,
    };
  }
}

function ratesSince(now: LiveMessage, before: LiveMessage | undefined) {
  const none = { perSecond: null, errorsPerSecond: null };
  if (before?.statistics == null || now.statistics === null) return none;
  const seconds = secondsOf(now) - secondsOf(before);
  const predictions = difference(now.statistics.total_predictions, before.statistics.total_predictions);
  const errors = difference(now.statistics.total_errors, before.statistics.total_errors);
  if (seconds <= 0 || predictions === null || errors === null) return none;
  return { perSecond: predictions / seconds, errorsPerSecond: errors / seconds };
}

function latencySince({ statistics: now }: LiveMessage, { statistics: before }: LiveMessage) {
  if (now === null || before === null) return { p50: null, p99: null };
  const bins = binsSince(now.latency_histogram, before.latency_histogram);
  return { p50: quantile(bins, 0.5), p99: quantile(bins, 0.99) };
}

function batchSizeSince(now: LiveMessage, before: LiveMessage): number | null {
  const [a, b] = [imagesAndBatches(now), imagesAndBatches(before)];
  const batches = a.batches - b.batches;
  return batches <= 0 ? null : (a.images - b.images) / batches;
}
