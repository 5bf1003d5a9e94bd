import type { Timings } from '../../serving/prediction.js';
import type { Header } from './reply.js';

/** @source W3C Server Timing, 3 */
export function serverTiming({ queueMs, decodeMs, inferenceMs }: Timings): Header {
  const value = `queue;dur=${queueMs.toFixed(3)}, decode;dur=${decodeMs.toFixed(3)}, inference;dur=${inferenceMs.toFixed(3)}`;
  return ['Server-Timing', value];
}
