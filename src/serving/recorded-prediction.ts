import type { PredictionSource } from '../insight/history/history.js';
import { FoveaError } from '../platform/errors.js';
import { hashElsewhere, isHashedAtOnce } from './image-hash.js';
import { type ImageTrace, type Prediction, type PredictOptions, predictImage } from './prediction.js';
import type { PredictionRecorder } from './prediction-recorder.js';
import type { SentImage } from './sent-image.js';

export interface RecordedOptions extends PredictOptions {
  readonly recorder: Pick<PredictionRecorder, 'record'>;
  readonly source: PredictionSource;
}

/** What became of one image. */
export type Outcome = Prediction | FoveaError;

async function attempt(
  takeImage: () => SentImage,
  options: PredictOptions,
  trace: ImageTrace,
): Promise<Outcome> {
  let hashing: Promise<string> | undefined;
  let outcome: Outcome;
  try {
    const image = takeImage();
    trace.bytes = image.bytes;
    if (!isHashedAtOnce(image.bytes)) hashing = hashElsewhere(image.bytes);
    outcome = await predictImage(image, options, trace);
  } catch (error) {
    outcome = FoveaError.from(error);
  }
  if (hashing !== undefined) trace.sha256 = await hashing;
  return outcome;
}

/** Predicts one image and has the history take note of it, whatever became of it. Never rejects.
 * @param takeImage finds the image in the request; what it throws is the image's fault */
export async function predictRecorded(
  takeImage: () => SentImage,
  options: RecordedOptions,
): Promise<Outcome> {
  const { recorder, source, request, classifier } = options;
  const trace: ImageTrace = {};
  const outcome = await attempt(takeImage, options, trace);
  const { version } = classifier;
  const committed = recorder.record({ source, request, version, trace, outcome });
  if (committed === undefined) return outcome;
  try {
    await committed;
    return outcome;
  } catch (error) {
    // What failed already keeps its own reason.
    return outcome instanceof FoveaError ? outcome : FoveaError.from(error);
  }
}
