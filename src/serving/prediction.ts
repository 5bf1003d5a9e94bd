import { z } from 'zod';
import type { RouteRequest } from '../fronts/http/route.js';
import { newPredictionId } from '../insight/history/prediction-id.js';
import type { DecodedImage, ImageDecoder } from './decoding/image.js';
import type { Classification, Classifier } from './rollout/classifier.js';
import type { SentImage } from './sent-image.js';

const rankedClass = z.strictObject({
  class: z.string(),
  class_index: z.int().nonnegative(),
  confidence: z.number(),
});

/** What is answered for one image. */
export const predictionSchema = z.strictObject({
  predicted_class: z.string(),
  predicted_class_index: z.int().nonnegative(),
  confidence: z.number(),
  /** From the image's arrival, without its upload, to its answer. */
  prediction_time_ms: z.number(),
  timestamp: z.iso.datetime(),
  all_probabilities: z.record(z.string(), z.number()),
  top_k: z.array(rankedClass).optional(),
  file_name: z.string().nullable(),
  model: z.string(),
  model_version: z.int().positive(),
  request_id: z.string(),
  /** Under which the history knows it, and takes feedback. */
  prediction_id: z.uuid(),
});

export type PredictionAnswer = z.infer<typeof predictionSchema>;

/** Where one image's time went, in milliseconds. */
export interface Timings {
  readonly queueMs: number;
  readonly decodeMs: number;
  readonly inferenceMs: number;
}

export interface Prediction {
  readonly answer: PredictionAnswer;
  readonly timings: Timings;
}

/** How far one image came, for whoever takes note of it even where it failed. */
export interface ImageTrace {
  /** As they came. */
  bytes?: Uint8Array;
  /** Of `bytes`, 64 hexadecimal digits; undefined where they are so few that they are hashed when it is needed. */
  sha256?: string;
  decoded?: DecodedImage;
  decodeMs?: number;
  classification?: Classification;
}

export interface PredictOptions {
  readonly classifier: Classifier;
  readonly decoder: ImageDecoder;
  readonly query: { readonly top_k?: number | undefined };
  readonly request: RouteRequest;
}

function indexOfLargest(probabilities: Float32Array): number {
  let best = 0;
  for (let index = 1; index < probabilities.length; index++) {
    if ((probabilities[index] ?? 0) > (probabilities[best] ?? 0)) best = index;
  }
  return best;
}

function rank(probabilities: Float32Array, labels: readonly string[], k: number): PredictionAnswer['top_k'] {
  return [...probabilities]
    .map((confidence, index) => ({ class: labels[index] ?? '', class_index: index, confidence }))
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, k);
}

function nameProbabilities(probabilities: Float32Array, labels: readonly string[]): Record<string, number> {
  const named: Record<string, number> = {};
  for (let index = 0; index < labels.length; index++) named[labels[index] ?? ''] = probabilities[index] ?? 0;
  return named;
}

/** What every prediction route does with one image: decode it, classify it, put the answer into words.
 * @param trace is filled as the image gets on
 * @throws FoveaError of `ImageDecoder.decode` and `Classifier.classify` */
export async function predictImage(
  image: SentImage,
  options: PredictOptions,
  trace: ImageTrace,
): Promise<Prediction> {
  const { classifier, decoder, query, request } = options;
  const { isCancelled, deadlineMs, requestId } = request;
  const { model, version, manifest } = classifier.version;
  const startMs = performance.now();
  const decoded = await decoder.decode({ bytes: image.bytes, input: manifest.input, isCancelled });
  const decodeMs = performance.now() - startMs;
  trace.decoded = decoded;
  trace.decodeMs = decodeMs;
  const classification = await classifier.classify({ pixels: decoded.pixels, deadlineMs, isCancelled });
  trace.classification = classification;
  const { probabilities, queueMs, inferenceMs } = classification;
  const best = indexOfLargest(probabilities);
  const answer: PredictionAnswer = {
    predicted_class: manifest.labels[best] ?? '',
    predicted_class_index: best,
    confidence: probabilities[best] ?? 0,
    prediction_time_ms: Number((performance.now() - startMs).toFixed(3)),
    timestamp: new Date().toISOString(),
    all_probabilities: nameProbabilities(probabilities, manifest.labels),
    ...(query.top_k !== undefined && { top_k: rank(probabilities, manifest.labels, query.top_k) }),
    file_name: image.fileName,
    model,
    model_version: version,
    request_id: requestId,
    prediction_id: newPredictionId(),
  };
  return { answer, timings: { queueMs, decodeMs, inferenceMs } };
}
