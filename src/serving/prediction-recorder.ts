import type { RouteRequest } from '../fronts/http/route.js';
import type {
  AnsweringVersion,
  History,
  PredictionRecord,
  PredictionSource,
} from '../insight/history/history.js';
import type { KeptImages } from '../insight/history/kept-images.js';
import { newPredictionId } from '../insight/history/prediction-id.js';
import type { ModelVersion } from '../models/repository/model-version.js';
import type { FoveaError } from '../platform/errors.js';
import type { StatisticsSampler } from './decoding/statistics-sampler.js';
import { hashAtOnce } from './image-hash.js';
import type { ImageTrace, Prediction } from './prediction.js';

export interface RecorderOptions {
  readonly history: Pick<History, 'record'>;
  /** Whether an answer waits until its row is on disk. */
  readonly isStrict: boolean;
  /** Where the images themselves are kept; undefined where they are not. */
  readonly images: Pick<KeptImages, 'keep'> | undefined;
  /** Measures what drift is seen by. */
  readonly sampler: Pick<StatisticsSampler, 'measure'>;
  /** Names a client without naming it. */
  readonly hashClient: (client: string) => string;
  /** Told of every image. Must not throw. */
  readonly onNoted?: (note: PredictionNote) => void;
  /** For the log: an image could not be kept. */
  readonly onProblem: (error: unknown) => void;
}

/** One image's way, whatever became of it. */
export interface PredictionNote {
  readonly source: PredictionSource;
  readonly request: RouteRequest;
  readonly version: ModelVersion;
  readonly trace: ImageTrace;
  readonly outcome: Prediction | FoveaError;
  /** For a shadow's answer: the prediction that was returned instead. */
  readonly shadowOf?: string;
}

/** Tells the history of predictions; when relaxed only once they were answered, so that no answer waits for it. */
export class PredictionRecorder {
  readonly #options: RecorderOptions;
  /** The history knows a version again by its object. */
  readonly #versions = new WeakMap<ModelVersion, AnsweringVersion>();

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** @returns undefined when relaxed. When strict: settles once the row is on disk.
   * @throws FoveaError (as rejection) `overloaded`, `history_failed` */
  record(note: PredictionNote): Promise<void> | undefined {
    if (this.#options.isStrict) return this.#note(note);
    note.request.afterAnswer(() => void this.#note(note));
    return undefined;
  }

  #note(note: PredictionNote): Promise<void> | undefined {
    this.#options.onNoted?.(note);
    const { bytes, decoded } = note.trace;
    const sha256 = note.trace.sha256 ?? (bytes === undefined ? null : hashAtOnce(bytes));
    const { images, history, onProblem } = this.#options;
    if (images !== undefined && sha256 !== null && bytes !== undefined && decoded !== undefined) {
      images.keep({ sha256, format: decoded.format, bytes }).catch(onProblem);
    }
    return history.record(this.#toRecord(note, sha256));
  }

  #toRecord(
    { source, request, version, trace, outcome, shadowOf }: PredictionNote,
    imageSha256: string | null,
  ): PredictionRecord {
    const { decoded, decodeMs, classification } = trace;
    const answer = 'answer' in outcome ? outcome.answer : undefined;
    return {
      id: answer?.prediction_id ?? newPredictionId(),
      requestId: request.requestId,
      version: this.#answering(version),
      answer:
        answer === undefined || classification === undefined
          ? null
          : {
              classIndex: answer.predicted_class_index,
              confidence: answer.confidence,
              probabilities: classification.probabilities,
            },
      queueMs: classification?.queueMs ?? null,
      decodeMs: decodeMs ?? null,
      inferenceMs: classification?.inferenceMs ?? null,
      predictionMs: answer?.prediction_time_ms ?? null,
      source,
      imageSha256,
      imageWidth: decoded?.width ?? null,
      imageHeight: decoded?.height ?? null,
      imageFormat: decoded?.format ?? null,
      inputStatistics:
        // A shadow's image was measured with the answer that was returned.
        decoded === undefined || answer === undefined || shadowOf !== undefined
          ? null
          : this.#options.sampler.measure(decoded.pixels, version.manifest.input),
      clientHash: this.#options.hashClient(request.client),
      errorCode: 'answer' in outcome ? null : outcome.code,
      shadowOf: shadowOf ?? null,
    };
  }

  #answering(version: ModelVersion): AnsweringVersion {
    const known = this.#versions.get(version);
    if (known !== undefined) return known;
    const answering = {
      model: version.model,
      version: version.version,
      labels: version.manifest.labels,
    };
    this.#versions.set(version, answering);
    return answering;
  }
}
