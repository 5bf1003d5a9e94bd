import type { PredictionSource } from '../insight/history/history.js';
import { newPredictionId } from '../insight/history/prediction-id.js';
import { FoveaError } from '../platform/errors.js';
import type { Call } from './call.js';
import type { ImageDecoder } from './decoding/image.js';
import { hashElsewhere, isHashedAtOnce } from './image-hash.js';
import type { ImageTrace } from './image-trace.js';
import { checkPixels, type ModelInput } from './model-input.js';
import type { Outcome, Prediction } from './prediction.js';
import type { PredictionRecorder } from './prediction-recorder.js';
import { indexOfLargest, rankClasses } from './rank-classes.js';
import type { Classifier } from './rollout/classifier.js';

export interface PredictOptions {
  readonly classifier: Classifier;
  readonly decoder: ImageDecoder;
  readonly recorder: Pick<PredictionRecorder, 'record'>;
  readonly call: Call;
  readonly source: PredictionSource;
  /** How many of the likeliest classes to rank; undefined for none. */
  readonly topK?: number | undefined;
}

/** The pixels of an image, and in `trace` what was learnt of it. */
async function pixelsOf(
  input: ModelInput,
  { classifier, decoder, call }: PredictOptions,
  trace: ImageTrace,
): Promise<Uint8Array> {
  if (input.kind === 'unreadable') throw input.error;
  const { input: wanted } = classifier.version.manifest;
  if (input.kind === 'pixels') {
    checkPixels(input, wanted);
    trace.width = wanted.width;
    trace.height = wanted.height;
    trace.pixels = input.bytes;
    return input.bytes;
  }
  const { isCancelled } = call;
  const startMs = performance.now();
  const { pixels, width, height, format } = await decoder.decode({
    bytes: input.bytes,
    input: wanted,
    isCancelled,
  });
  trace.decodeMs = performance.now() - startMs;
  trace.width = width;
  trace.height = height;
  trace.format = format;
  trace.pixels = pixels;
  return pixels;
}

/** @throws FoveaError of the input, of `ImageDecoder.decode` and `Classifier.classify` */
async function predict(input: ModelInput, options: PredictOptions, trace: ImageTrace): Promise<Prediction> {
  const { classifier, call, topK } = options;
  const { deadlineMs, isCancelled } = call;
  const { version } = classifier;
  const { labels } = version.manifest;
  const startMs = performance.now();
  const pixels = await pixelsOf(input, options, trace);
  const classification = await classifier.classify({ pixels, deadlineMs, isCancelled });
  trace.classification = classification;
  const { probabilities, queueMs, inferenceMs } = classification;
  const classIndex = indexOfLargest(probabilities);
  return {
    id: newPredictionId(),
    version,
    label: labels[classIndex] ?? '',
    classIndex,
    confidence: probabilities[classIndex] ?? 0,
    probabilities,
    topK: topK === undefined ? undefined : rankClasses(probabilities, labels, topK),
    predictionMs: Number((performance.now() - startMs).toFixed(3)),
    answeredAt: new Date(),
    timings: { queueMs, decodeMs: trace.decodeMs ?? 0, inferenceMs },
  };
}

async function attempt(input: ModelInput, options: PredictOptions, trace: ImageTrace): Promise<Outcome> {
  let hashing: Promise<string> | undefined;
  let outcome: Outcome;
  try {
    if (input.kind !== 'unreadable') {
      trace.bytes = input.bytes;
      if (!isHashedAtOnce(input.bytes)) hashing = hashElsewhere(input.bytes);
    }
    outcome = await predict(input, options, trace);
  } catch (error) {
    outcome = FoveaError.from(error);
  }
  if (hashing !== undefined) trace.sha256 = await hashing;
  return outcome;
}

/** Decodes one image, classifies it, and has the history take note of it, also where it failed. Never rejects. */
export async function predictRecorded(input: ModelInput, options: PredictOptions): Promise<Outcome> {
  const { recorder, source, call, classifier } = options;
  const trace: ImageTrace = {};
  const outcome = await attempt(input, options, trace);
  const { version } = classifier;
  const committed = recorder.record({ source, call, version, trace, outcome });
  if (committed === undefined) return outcome;
  try {
    await committed;
    return outcome;
  } catch (error) {
    // A prediction that failed before keeps its own reason.
    return outcome instanceof FoveaError ? outcome : FoveaError.from(error);
  }
}
