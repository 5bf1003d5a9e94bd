import type { Timings } from '../../serving/prediction.js';
import type { Header } from './reply.js';

/** To microseconds. `toFixed` takes several times as long. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** @source W3C Server Timing, 3 */
export function serverTiming({ queueMs, decodeMs, inferenceMs }: Timings): Header {
  const value = `queue;dur=${rounded(queueMs)}, decode;dur=${rounded(decodeMs)}, inference;dur=${rounded(inferenceMs)}`;
  return ['Server-Timing', value];
}
