import type { ModelVersion } from '../models/repository/model-version.js';
import type { CallTrace } from './call.js';
import type { ImageTrace } from './image-trace.js';

/** Records the steps of one image, in the order in which they ran. */
export function traceImage(
  trace: CallTrace,
  { startMs, decodeMs, classification }: ImageTrace,
  { model, version }: ModelVersion,
): void {
  if (startMs === undefined) return;
  const queuedMs = startMs + (decodeMs ?? 0);
  if (decodeMs !== undefined) trace.step('decode', startMs, queuedMs);
  if (classification === undefined) return;
  const { queueMs, inferenceMs, batchRows } = classification;
  const batchMs = queuedMs + queueMs;
  trace.step('queue', queuedMs, batchMs);
  trace.step('inference', batchMs, batchMs + inferenceMs, {
    'fovea.model': model,
    'fovea.version': version,
    'fovea.batch_size': batchRows,
  });
}
