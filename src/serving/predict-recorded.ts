import type { PredictionSource } from '../insight/history/history.js';
import { newPredictionId } from '../insight/history/prediction-id.js';
import { FoveaError } from '../platform/errors.js';
import type { Call } from './call.js';
import type { ImageDecoder } from './decoding/image.js';
import { rowFormatOf } from './decoding/small-file.js';
import { hashInline, hashOffThread, isHashedInline } from './image-hash.js';
import { ImageTrace } from './image-trace.js';
import { checkTensor, type ImageTensor, type ModelInput, numberTypeOf } from './model-input.js';
import type { Outcome, Prediction } from './prediction.js';
import type { PredictionRecorder } from './prediction-recorder.js';
import { indexOfLargest, labelsAbove, rankClasses } from './rank-classes.js';
import type { Classification, Classifier } from './rollout/classifier.js';
import { traceImage } from './trace-image.js';
import { UndecodedFile } from './undecoded-file.js';

export interface PredictOptions {
  readonly classifier: Classifier;
  readonly decoder: ImageDecoder;
  readonly recorder: Pick<PredictionRecorder, 'record' | 'measure'>;
  readonly call: Call;
  readonly source: PredictionSource;
  /** Number of top classes to rank; undefined: the manifest's `top_k`, or none. */
  readonly topK?: number | undefined;
}

function isBorrowed(input: ModelInput): boolean {
  return input.kind === 'pixels' && input.isBorrowed === true;
}

/** Checks numbers that a client sent, and records them in `trace`. */
function classifyTensor(
  tensor: ImageTensor,
  { classifier, recorder, call }: PredictOptions,
  trace: ImageTrace,
): Promise<Classification> {
  const { input } = classifier.version.manifest;
  const { bytes } = tensor;
  checkTensor(tensor, input, classifier.engine.inputTypes);
  trace.width = input.width;
  trace.height = input.height;
  const { deadlineMs, isCancelled } = call;
  const classifying = classifier.classify({ bytes, type: numberTypeOf(tensor), deadlineMs, isCancelled });
  trace.inputStatistics = tensor.kind === 'pixels' ? recorder.measure(bytes, input) : null;
  return classifying;
}

/** Decodes an image file, and classifies its pixels. */
async function classifyDecoded(
  bytes: Uint8Array,
  { classifier, decoder, recorder, call }: PredictOptions,
  trace: ImageTrace,
): Promise<Classification> {
  const { deadlineMs, isCancelled } = call;
  const startMs = performance.now();
  const { input } = classifier.version.manifest;
  const decoding = decoder.decode({ bytes, input, deadlineMs, isCancelled });
  const decoded = decoding instanceof Promise ? await decoding : decoding;
  const { pixels, width, height, format, warnings, release } = decoded;
  trace.decodeMs = performance.now() - startMs;
  trace.warnings = warnings;
  trace.width = width;
  trace.height = height;
  trace.format = format;
  const classifying = classifier.classify({ bytes: pixels, type: 'uint8', deadlineMs, isCancelled });
  trace.inputStatistics = recorder.measure(pixels, input);
  release?.();
  return classifying;
}

/** Classifies a small file of the model's size, which the instance decodes; all other files are decoded here. */
function classifyFile(
  bytes: Uint8Array,
  options: PredictOptions,
  trace: ImageTrace,
): Promise<Classification> {
  const { classifier, call } = options;
  const { input } = classifier.version.manifest;
  const format = rowFormatOf(bytes, input);
  if (format === undefined) return classifyDecoded(bytes, options, trace);
  trace.width = input.width;
  trace.height = input.height;
  trace.format = format;
  const { deadlineMs, isCancelled } = call;
  return classifier.classify({ bytes, type: 'file', deadlineMs, isCancelled }).then(
    (classification) => {
      trace.decodeMs = classification.decodeMs;
      return classification;
    },
    (error: unknown) => {
      if (error instanceof UndecodedFile) return classifyDecoded(bytes, options, trace);
      throw error;
    },
  );
}

/** @throws FoveaError, at once or as rejection */
function classify(input: ModelInput, options: PredictOptions, trace: ImageTrace): Promise<Classification> {
  if (input.kind === 'unreadable') throw input.error;
  return input.kind === 'encoded'
    ? classifyFile(input.bytes, options, trace)
    : classifyTensor(input, options, trace);
}

function isUnfamiliar(distance: Classification['distance'], limit: number | undefined): boolean | undefined {
  return limit === undefined || distance === undefined ? undefined : distance() > limit;
}

function toPrediction(
  { probabilities, queueMs, inferenceMs, distance }: Classification,
  { classifier: { version }, topK }: PredictOptions,
  { startMs, decodeMs, warnings }: ImageTrace,
): Prediction {
  const { labels, output } = version.manifest;
  const ranked = topK ?? output.top_k;
  const classIndex = indexOfLargest(probabilities);
  return {
    id: newPredictionId(),
    version,
    label: labels[classIndex] ?? '',
    classIndex,
    confidence: probabilities[classIndex] ?? 0,
    probabilities,
    topK: ranked === undefined ? undefined : rankClasses(probabilities, labels, ranked),
    labels: output.task === 'multi' ? labelsAbove(probabilities, labels, output) : undefined,
    isUnfamiliar: isUnfamiliar(distance, output.unfamiliar_above),
    predictionMs: Math.round((performance.now() - startMs) * 1000) / 1000,
    answeredAt: new Date(),
    timings: { queueMs, decodeMs: decodeMs ?? 0, inferenceMs },
    warnings,
  };
}

/** Begins to hash an image that takes long, and hashes one whose memory does not last; the recorder hashes others. */
function beginHash(input: ModelInput, trace: ImageTrace): Promise<string> | undefined {
  if (input.kind === 'unreadable') return undefined;
  const { bytes } = input;
  if (!isBorrowed(input)) trace.bytes = bytes;
  if (!isHashedInline(bytes)) return hashOffThread(bytes);
  if (isBorrowed(input)) trace.sha256 = hashInline(bytes);
  return undefined;
}

/** Decodes and classifies one image, and records the outcome, also a failure. Never rejects. One async function for all steps, because
 * each further one costs a promise and a microtask per prediction. */
export async function predictRecorded(input: ModelInput, options: PredictOptions): Promise<Outcome> {
  const { recorder, source, call, classifier } = options;
  const trace = new ImageTrace();
  let outcome: Outcome;
  const hashing = beginHash(input, trace);
  try {
    trace.classification = await classify(input, options, trace);
    outcome = toPrediction(trace.classification, options, trace);
  } catch (error) {
    outcome = FoveaError.from(error);
  }
  if (hashing !== undefined) trace.sha256 = await hashing;
  const { version } = classifier;
  if (call.trace !== undefined) traceImage(call.trace, trace, version);
  const committed = recorder.record({ source, call, version, trace, outcome });
  if (committed === undefined) return outcome;
  const recordingMs = performance.now();
  try {
    await committed;
    call.trace?.step('record', recordingMs, performance.now());
    return outcome;
  } catch (error) {
    // An earlier error of the prediction has priority.
    return outcome instanceof FoveaError ? outcome : FoveaError.from(error);
  }
}
