import type { ImageStatistics } from '../insight/drift/input-statistics.js';
import type {
  AnsweringVersion,
  History,
  PredictionRecord,
  PredictionSource,
} from '../insight/history/history.js';
import type { KeptImages } from '../insight/history/kept-images.js';
import { newPredictionId } from '../insight/history/prediction-id.js';
import { DENSE_CLASSES, MAX_STORED_LABELS } from '../insight/history/probabilities.js';
import type { ImageInput, ImageSize } from '../models/repository/image-input.js';
import type { ModelVersion } from '../models/repository/model-version.js';
import { FoveaError } from '../platform/errors.js';
import type { Call } from './call.js';
import { decodePlain } from './decoding/plain-decoder.js';
import type { StatisticsSampler } from './decoding/statistics-sampler.js';
import { hashInline } from './image-hash.js';
import type { ImageTrace } from './image-trace.js';
import type { Outcome, Prediction } from './prediction.js';
import { indicesOfLargest } from './rank-classes.js';
import { uncertaintyOf } from './uncertainty.js';

export interface RecorderOptions {
  /** Minimum number of classes to store for a model with more than `DENSE_CLASSES`. */
  readonly storedClasses: number;
  readonly history: Pick<History, 'record'>;
  /** Whether an answer waits until its row is on disk. */
  readonly isStrict: boolean;
  /** Store of image files; undefined when images are not kept. */
  readonly images: Pick<KeptImages, 'keep'> | undefined;
  /** Computes image statistics for drift detection. */
  readonly sampler: Pick<StatisticsSampler, 'measure'>;
  /** Called for every image. Must not throw. */
  readonly onNoted?: (note: PredictionNote) => void;
  /** For the log: an image could not be kept. */
  readonly onProblem: (error: unknown) => void;
}

/** One image and its outcome. */
export interface PredictionNote {
  readonly source: PredictionSource;
  readonly call: Call;
  readonly version: ModelVersion;
  readonly trace: ImageTrace;
  readonly outcome: Outcome;
  /** For a shadow's prediction: id of the prediction that the client got. */
  readonly shadowOf?: string;
}

/** Writes predictions to the history. In relaxed mode it does so after the answer, so that no answer waits for it. */
export class PredictionRecorder {
  readonly #options: RecorderOptions;
  /** One object per version, because the history recognises a version by its object. */
  readonly #versions = new WeakMap<ModelVersion, AnsweringVersion>();

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** @returns undefined when relaxed. When strict: settles once the row is on disk.
   * @throws FoveaError (as rejection) `overloaded`, `history_failed` */
  record(note: PredictionNote): Promise<void> | undefined {
    if (this.#options.isStrict) return this.#note(note);
    note.call.afterAnswer(() => void this.#note(note));
    return undefined;
  }

  /** Image statistics, if the image is in the sample. */
  measure(pixels: Uint8Array, input: ImageSize): ImageStatistics | null {
    return this.#options.sampler.measure(() => pixels, input);
  }

  /** A file that the instance decoded is decoded once more, because few images are measured. */
  #measureFile({ bytes, format }: ImageTrace, input: ImageInput): ImageStatistics | null {
    if (bytes === undefined || format === undefined) return null;
    return this.#options.sampler.measure(() => decodePlain(bytes, input)?.pixels, input);
  }

  #note(note: PredictionNote): Promise<void> | undefined {
    this.#options.onNoted?.(note);
    const { bytes, format } = note.trace;
    const sha256 = note.trace.sha256 ?? (bytes === undefined ? null : hashInline(bytes));
    const { images, history, onProblem } = this.#options;
    // Pixels and floats have no format and are not kept.
    if (images === undefined || sha256 === null || bytes === undefined || format === undefined)
      return history.record(this.#toRecord(note, sha256));
    images.keep({ sha256, format, bytes }).catch(onProblem);
    const { outcome, version, shadowOf } = note;
    // Feedback on a shadow is told to the prediction that was returned.
    if (outcome instanceof FoveaError || shadowOf !== undefined)
      return history.record(this.#toRecord(note, sha256));
    const distance = note.trace.classification?.distance?.() ?? null;
    const reviewScores = { ...uncertaintyOf(outcome.probabilities, version.manifest.output), distance };
    return history.record({ ...this.#toRecord(note, sha256), reviewScores });
  }

  #statisticsOf({ trace, outcome, version, shadowOf }: PredictionNote): ImageStatistics | null {
    if (trace.inputStatistics !== undefined) return trace.inputStatistics;
    // The client's prediction has measured the image of its shadows.
    const isLeftOut = outcome instanceof FoveaError || shadowOf !== undefined;
    return isLeftOut ? null : this.#measureFile(trace, version.manifest.input);
  }

  #toRecord(note: PredictionNote, imageSha256: string | null): PredictionRecord {
    const { source, call, version, trace, outcome, shadowOf } = note;
    const { classification } = trace;
    const prediction = outcome instanceof FoveaError ? undefined : outcome;
    return {
      id: prediction?.id ?? newPredictionId(),
      requestId: call.id,
      version: this.#answering(version),
      answer: prediction === undefined ? null : this.#answerOf(prediction),
      queueMs: classification?.queueMs ?? null,
      decodeMs: trace.decodeMs ?? null,
      inferenceMs: classification?.inferenceMs ?? null,
      predictionMs: prediction?.predictionMs ?? null,
      source,
      imageSha256,
      imageWidth: trace.width ?? null,
      imageHeight: trace.height ?? null,
      imageFormat: trace.format ?? null,
      inputStatistics: this.#statisticsOf(note),
      clientHash: call.client.hash,
      errorCode: outcome instanceof FoveaError ? outcome.code : null,
      shadowOf: shadowOf ?? null,
    };
  }

  /** For a model with many classes only the top ones and the answered labels. */
  #answerOf(prediction: Prediction): PredictionRecord['answer'] {
    const { classIndex, confidence, probabilities, topK } = prediction;
    const labels = prediction.labels?.slice(0, MAX_STORED_LABELS).map((label) => label.classIndex);
    if (probabilities.length <= DENSE_CLASSES) return { classIndex, confidence, probabilities, labels };
    const ranked = indicesOfLargest(probabilities, Math.max(this.#options.storedClasses, topK?.length ?? 0));
    // Each label has a threshold of its own, so that a label may be none of the likeliest.
    const classes = labels === undefined ? ranked : [...new Set([...ranked, ...labels])];
    const kept = Float32Array.from(classes, (index) => probabilities[index] ?? 0);
    return { classIndex, confidence, probabilities: kept, classes, labels };
  }

  #answering(version: ModelVersion): AnsweringVersion {
    const known = this.#versions.get(version);
    if (known !== undefined) return known;
    const answering = {
      model: version.model,
      version: version.version,
      labels: version.manifest.labels,
      labelIds: version.manifest.label_ids ?? null,
    };
    this.#versions.set(version, answering);
    return answering;
  }
}
