import type { PredictionSource } from '../insight/history/history.js';
import { newPredictionId } from '../insight/history/prediction-id.js';
import { FoveaError } from '../platform/errors.js';
import type { Call } from './call.js';
import type { DecodedImage, ImageDecoder } from './decoding/image.js';
import { hashInline, hashOffThread, isHashedInline } from './image-hash.js';
import type { ImageTrace } from './image-trace.js';
import {
  checkTensor,
  type ImageTensor,
  type ModelInput,
  type NumberType,
  numberTypeOf,
} from './model-input.js';
import type { Outcome, Prediction } from './prediction.js';
import type { PredictionRecorder } from './prediction-recorder.js';
import { indexOfLargest, labelsAbove, rankClasses } from './rank-classes.js';
import type { Classification, Classifier } from './rollout/classifier.js';
import { traceImage } from './trace-image.js';

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
function takeTensor(
  tensor: ImageTensor,
  { classifier: { version, engine }, recorder }: PredictOptions,
  trace: ImageTrace,
): Uint8Array {
  const { input } = version.manifest;
  checkTensor(tensor, input, engine.inputTypes);
  trace.width = input.width;
  trace.height = input.height;
  if (isBorrowed(tensor)) trace.inputStatistics = recorder.measure(tensor.bytes, input);
  else if (tensor.kind === 'pixels') trace.pixels = tensor.bytes;
  return tensor.bytes;
}

function noteDecoded({ pixels, width, height, format }: DecodedImage, trace: ImageTrace): Uint8Array {
  trace.width = width;
  trace.height = height;
  trace.format = format;
  trace.pixels = pixels;
  return pixels;
}

interface DecodeFacts {
  readonly startMs: number;
  readonly decodeMs: number;
  readonly warnings: readonly string[];
}

const NO_WARNINGS: readonly string[] = [];

function isUnfamiliar(distance: Classification['distance'], limit: number | undefined): boolean | undefined {
  return limit === undefined || distance === undefined ? undefined : distance() > limit;
}

function toPrediction(
  { probabilities, queueMs, inferenceMs, distance }: Classification,
  { classifier: { version }, topK }: PredictOptions,
  { startMs, decodeMs, warnings }: DecodeFacts,
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
    timings: { queueMs, decodeMs, inferenceMs },
    warnings,
  };
}

/** One async function for all steps, because each further one costs a promise and a microtask per prediction. */
async function attempt(input: ModelInput, options: PredictOptions, trace: ImageTrace): Promise<Outcome> {
  const { classifier, decoder, call } = options;
  const { deadlineMs, isCancelled } = call;
  let hashing: Promise<string> | undefined;
  let outcome: Outcome;
  try {
    if (input.kind === 'unreadable') throw input.error;
    const { bytes } = input;
    if (!isHashedInline(bytes)) hashing = hashOffThread(bytes);
    else if (isBorrowed(input)) trace.sha256 = hashInline(bytes);
    if (!isBorrowed(input)) trace.bytes = bytes;
    const startMs = performance.now();
    trace.startMs = startMs;
    let numbers: Uint8Array;
    let type: NumberType = 'uint8';
    let warnings = NO_WARNINGS;
    if (input.kind === 'encoded') {
      const { input: wanted } = classifier.version.manifest;
      const decoding = decoder.decode({ bytes, input: wanted, deadlineMs, isCancelled });
      const decoded = decoding instanceof Promise ? await decoding : decoding;
      trace.decodeMs = performance.now() - startMs;
      warnings = decoded.warnings;
      numbers = noteDecoded(decoded, trace);
    } else {
      numbers = takeTensor(input, options, trace);
      type = numberTypeOf(input);
    }
    const classification = await classifier.classify({ bytes: numbers, type, deadlineMs, isCancelled });
    trace.classification = classification;
    outcome = toPrediction(classification, options, {
      startMs,
      decodeMs: trace.decodeMs ?? 0,
      warnings,
    });
  } catch (error) {
    outcome = FoveaError.from(error);
  }
  if (hashing !== undefined) trace.sha256 = await hashing;
  return outcome;
}

/** Decodes and classifies one image, and records the outcome, also a failure. Never rejects. */
export async function predictRecorded(input: ModelInput, options: PredictOptions): Promise<Outcome> {
  const { recorder, source, call, classifier } = options;
  const trace: ImageTrace = {};
  const outcome = await attempt(input, options, trace);
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
