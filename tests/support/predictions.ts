import type { AnsweringVersion, PredictionRecord } from '../../src/insight/history/history.js';
import { predictionIdOf } from '../../src/insight/history/prediction-id.js';

export const ANIMALS: AnsweringVersion = { model: 'animals', version: 1, labels: ['Cat', 'Dog', 'Frog'] };

/** A day in 2025, in the middle of a minute. */
export const SAMPLE_TIME_MS = Date.parse('2025-03-01T12:00:30.000Z');

/**
 * A prediction that depends on its number: each is one second later than the one before, and class and confidence
 * vary.
 */
export function samplePrediction(number: number, changes: Partial<PredictionRecord> = {}): PredictionRecord {
  const classIndex = number % 3;
  const confidence = 0.5 + (number % 50) / 100;
  const probabilities = new Float32Array(3).fill((1 - confidence) / 2);
  probabilities[classIndex] = confidence;
  const digest = new Uint8Array(16);
  new DataView(digest.buffer).setUint32(4, number);
  return {
    id: predictionIdOf(SAMPLE_TIME_MS + number * 1000, digest),
    requestId: `request-${number}`,
    version: ANIMALS,
    answer: { classIndex, confidence, probabilities },
    queueMs: 0.5,
    decodeMs: 1.25,
    inferenceMs: 2,
    predictionMs: number % 10,
    source: 'http',
    imageSha256: number.toString(16).padStart(64, '0'),
    imageWidth: 640,
    imageHeight: 480,
    imageFormat: 'jpeg',
    inputStatistics: null,
    clientHash: 'c1',
    errorCode: null,
    ...changes,
  };
}

export function samplePredictions(count: number): PredictionRecord[] {
  return Array.from({ length: count }, (_, number) => samplePrediction(number));
}

/** A prediction of a model of several labels; the likeliest is always the first. */
export function severalLabels(
  number: number,
  labels: readonly number[],
  changes: Partial<PredictionRecord> = {},
): PredictionRecord {
  const probabilities = Float32Array.of(0.9, 0.8, 0.1);
  return samplePrediction(number, {
    answer: { classIndex: 0, confidence: 0.9, probabilities, labels },
    ...changes,
  });
}
