import type { ModelVersion } from '../models/repository/model-version.js';
import type { CallTrace } from './call.js';
import type { ImageTrace } from './image-trace.js';

/** Records the steps of one image, in the order in which they ran. */
export function traceImage(
  trace: CallTrace,
  { startMs, decodeMs, classification }: ImageTrace,
  { model, version }: ModelVersion,
): void {
  // An instance decodes the files of its batch when it begins.
  const decodedByInstanceMs = classification?.decodeMs;
  const decodedFirstMs = decodedByInstanceMs === undefined ? decodeMs : undefined;
  const queuedMs = startMs + (decodedFirstMs ?? 0);
  if (decodedFirstMs !== undefined) trace.step('decode', startMs, queuedMs);
  if (classification === undefined) return;
  const { queueMs, inferenceMs, batchRows } = classification;
  const leftMs = queuedMs + queueMs;
  trace.step('queue', queuedMs, leftMs);
  const batchMs = leftMs + (decodedByInstanceMs ?? 0);
  if (decodedByInstanceMs !== undefined) trace.step('decode', leftMs, batchMs);
  trace.step('inference', batchMs, batchMs + inferenceMs, {
    'fovea.model': model,
    'fovea.version': version,
    'fovea.batch_size': batchRows,
  });
}
