import { readFileSync } from 'node:fs';
import type { Answered, Failed } from '../../src/fronts/websocket/stream/codec.js';
import type { StreamRequest } from '../../src/fronts/websocket/stream/stream-request.js';
import { FoveaError } from '../../src/platform/errors.js';
import type { Prediction } from '../../src/serving/prediction.js';
import { testManifest } from './model-version.js';

/** A prediction of a model with two classes. */
export function predictionWith(
  probabilities: readonly number[],
  changes: Partial<Prediction> = {},
): Prediction {
  const manifest = { ...testManifest({}), labels: ['cat', 'dog'] };
  const classIndex = probabilities.indexOf(Math.max(...probabilities));
  return {
    id: '01900000-0000-7000-8000-000000000001',
    version: { model: 'pets', version: 4, directory: '', manifest },
    label: manifest.labels[classIndex] ?? '',
    classIndex,
    confidence: probabilities[classIndex] ?? 0,
    probabilities: Float32Array.from(probabilities),
    topK: undefined,
    labels: undefined,
    isUnfamiliar: undefined,
    predictionMs: 1,
    answeredAt: new Date(0),
    timings: { queueMs: 0, decodeMs: 0, inferenceMs: 0 },
    warnings: [],
    ...changes,
  };
}

/** Defaults of a request, in both sub-protocols. */
export const PLAIN_REQUEST = {
  model: undefined,
  version: undefined,
  topK: undefined,
  minConfidence: undefined,
  deadlineMs: undefined,
  video: 0,
  isDroppable: false,
  smoothing: 1,
  wantsIds: false,
} as const;

/** The example of docs/stream-protocol.md with two images of 1 × 1 pixels. */
export const PIXELS_REQUEST: StreamRequest = {
  id: 7,
  images: { kind: 'pixels', bytes: Buffer.from([1, 2, 3, 4, 5, 6]), count: 2 },
  model: 'pets',
  version: 4,
  topK: 1,
  minConfidence: undefined,
  deadlineMs: 500,
  video: 3,
  isDroppable: true,
  smoothing: 5,
  wantsIds: true,
};

const ANSWERED = { requestId: 'c:7', minConfidence: 0 };

/** What the examples of answers say. */
export const ANSWERS = {
  'answer with probabilities': {
    ...ANSWERED,
    request: { ...PIXELS_REQUEST, wantsIds: false },
    outcomes: [predictionWith([0.25, 0.75]), predictionWith([0.5, 0.5])],
    topK: undefined,
  },
  'answer with the likeliest class and ids': {
    ...ANSWERED,
    request: PIXELS_REQUEST,
    outcomes: [predictionWith([0.25, 0.75]), predictionWith([0.5, 0.5])],
    topK: 1,
  },
  'answer of which one image failed': {
    ...ANSWERED,
    request: { ...PIXELS_REQUEST, wantsIds: false },
    outcomes: [
      predictionWith([0.25, 0.75]),
      new FoveaError('engine_failed', 'The model computed a non-finite output for this image.'),
    ],
    topK: undefined,
  },
} satisfies Record<string, Answered>;

export const FAILURE: Failed = {
  id: 9,
  requestId: 'c:9',
  error: new FoveaError('rate_limited', 'More than 64 requests of this stream are in flight.', {
    details: { window: 64 },
  }),
};

/** The bytes of an example in docs/stream-protocol.md: the hexadecimal digits of the block below its name. */
export function documentedBytes(name: string): Buffer {
  const page = readFileSync('docs/stream-protocol.md', 'utf8');
  const block = page.split(`Example: ${name}`)[1]?.split('```')[1];
  if (block === undefined) throw new Error(`docs/stream-protocol.md has no example "${name}".`);
  // A line is an offset, bytes, and a remark behind `|`.
  const lines = block.trim().split('\n').slice(1);
  const digits = lines.map((line) => line.replace(/^\w+:/, '').replace(/\|.*$/, '').replaceAll(/\s/g, ''));
  return Buffer.from(digits.join(''), 'hex');
}
