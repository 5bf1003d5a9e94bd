import { errorOf, type FoveaError } from './errors.js';
import { PredictionStream, type StreamOptions } from './stream.js';
import { type ClientOptions, exchange, queryOf } from './transport.js';

export type { ClientOptions } from './transport.js';

export interface PredictOptions {
  readonly model?: string | undefined;
  readonly version?: number | undefined;
  readonly topK?: number | undefined;
  /** 0..1; omits less likely classes. */
  readonly minConfidence?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RankedLabel {
  readonly class: string;
  readonly class_index: number;
  readonly confidence: number;
}

/** The server's answer for one image; docs/api.md explains each field. */
export interface Prediction {
  readonly predicted_class: string;
  readonly predicted_class_index: number;
  /** 0..1 */
  readonly confidence: number;
  readonly prediction_time_ms: number;
  readonly timestamp: string;
  readonly all_probabilities: Readonly<Record<string, number>>;
  readonly top_k?: readonly RankedLabel[];
  readonly labels?: readonly RankedLabel[];
  readonly unfamiliar?: boolean;
  readonly warnings?: readonly string[];
  readonly file_name: string | null;
  readonly model: string;
  readonly model_version: number;
  readonly request_id: string;
  readonly prediction_id: string;
}

/** An image as bytes of a file (JPEG, PNG, …) or as a Blob. */
export type ImageFile = Blob | Uint8Array<ArrayBuffer>;

interface BatchBody {
  readonly predictions: readonly (Prediction & { readonly index: number })[];
  readonly errors: readonly { readonly index: number; readonly error: string; readonly code: string }[];
}

function isPrediction(value: unknown): value is Prediction {
  return (
    typeof value === 'object' &&
    value !== null &&
    'predicted_class' in value &&
    typeof value.predicted_class === 'string' &&
    'confidence' in value &&
    typeof value.confidence === 'number'
  );
}

function isBatch(value: unknown): value is BatchBody {
  return (
    typeof value === 'object' &&
    value !== null &&
    'predictions' in value &&
    Array.isArray(value.predictions) &&
    value.predictions.every(isPrediction) &&
    'errors' in value &&
    Array.isArray(value.errors)
  );
}

/** `FoveaError.status` of an image of a batch that failed alone. */
const PARTIAL = 207;

function parametersOf({ model, version, topK, minConfidence }: PredictOptions) {
  return { model, version, top_k: topK, min_confidence: minConfidence };
}

function blobOf(image: ImageFile): Blob {
  return image instanceof Blob ? image : new Blob([image]);
}

/** A client of one Fovea server. */
export class FoveaClient {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = { ...options, url: options.url.replace(/\/+$/, '') };
  }

  /** Classifies one image.
   * @throws FoveaError (as rejection) */
  predict(image: ImageFile, options: PredictOptions = {}): Promise<Prediction> {
    const headers = { 'Content-Type': 'application/octet-stream' };
    return this.#post('/api/predict', isPrediction, { body: blobOf(image), headers, options });
  }

  /** Classifies many images by one request.
   * @returns in the order of `images`; an error for an image that failed alone
   * @throws FoveaError (as rejection) */
  async predictBatch(
    images: readonly ImageFile[],
    options: PredictOptions = {},
  ): Promise<readonly (Prediction | FoveaError)[]> {
    const body = new FormData();
    for (const [index, image] of images.entries()) body.append('files', blobOf(image), `image-${index}`);
    const answer = await this.#post('/api/predict/batch', isBatch, { body, headers: {}, options });
    const outcomes: (Prediction | FoveaError)[] = [];
    for (const { index, ...prediction } of answer.predictions) outcomes[index] = prediction;
    for (const failure of answer.errors) outcomes[failure.index] = errorOf(PARTIAL, failure);
    return outcomes;
  }

  /** Opens a stream to the same server. */
  stream(options: PredictOptions & Omit<StreamOptions, 'url' | 'apiKey'> = {}): PredictionStream {
    const url = `${this.#options.url.replace(/^http/, 'ws')}/api/stream${queryOf(parametersOf(options))}`;
    return new PredictionStream({ ...options, url, apiKey: this.#options.apiKey });
  }

  #post<Answer>(
    path: string,
    isAnswer: (value: unknown) => value is Answer,
    {
      body,
      headers,
      options,
    }: { body: Blob | FormData; headers: Record<string, string>; options: PredictOptions },
  ): Promise<Answer> {
    const { signal } = options;
    const query = parametersOf(options);
    return exchange(this.#options, { method: 'POST', path, query, body, headers, signal, isAnswer });
  }
}
