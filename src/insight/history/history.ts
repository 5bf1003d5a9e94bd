import { z } from 'zod';
import type { ErrorCode } from '../../platform/errors.js';
import type { ImageFormat } from '../../platform/image-format.js';
import { timeTextSchema } from '../../platform/time-text.js';
import { type ImageStatistics, INPUT_STATISTICS } from '../drift/input-statistics.js';

/** By which way a prediction was asked for; `import` is what the old service left, `shadow` what was recorded,
 * not returned. */
export const PREDICTION_SOURCES = ['http', 'batch', 'stream', 'protocol', 'import', 'shadow'] as const;

export type PredictionSource = (typeof PREDICTION_SOURCES)[number];

/** The model version that answered, as far as the history must know it. */
export interface AnsweringVersion {
  readonly model: string;
  /** 0 where it is not known, as for the old service's predictions. */
  readonly version: number;
  /** In the order of the model's output. */
  readonly labels: readonly string[];
}

/** What the history is told of one prediction, answered or failed. Null is what is not known. */
export interface PredictionRecord {
  /** UUIDv7 from `newPredictionId`; holds the time. */
  readonly id: string;
  readonly requestId: string | null;
  /** Null when it failed before a version was chosen; whatever has an answer has a version. */
  readonly version: AnsweringVersion | null;
  /** Null when it failed. */
  readonly answer: {
    readonly classIndex: number;
    /** 0..1 */
    readonly confidence: number;
    /** float32 `[labels]`, or empty; not to be changed until the row is written. */
    readonly probabilities: Float32Array;
  } | null;
  readonly queueMs: number | null;
  readonly decodeMs: number | null;
  readonly inferenceMs: number | null;
  /** `prediction_time_ms` of the answer. */
  readonly predictionMs: number | null;
  readonly source: PredictionSource;
  /** Of the image's bytes as they came, 64 hexadecimal digits. */
  readonly imageSha256: string | null;
  readonly imageWidth: number | null;
  readonly imageHeight: number | null;
  readonly imageFormat: ImageFormat | null;
  /** Of the pixels that the model saw; null where they were not measured. */
  readonly inputStatistics: ImageStatistics | null;
  /** Tells clients apart without naming them. */
  readonly clientHash: string | null;
  readonly errorCode: ErrorCode | null;
  /** For a shadow's answer: the prediction that was returned instead. Such a row counts in no statistics. */
  readonly shadowOf?: string | null;
}

/** A prediction as the API shows it; also one line of an export. */
export const storedPredictionSchema = z.strictObject({
  id: z.string(),
  timestamp: z.string(),
  request_id: z.string().nullable(),
  model: z.string().nullable(),
  version: z.int().nullable(),
  predicted_class: z.string().nullable(),
  predicted_class_index: z.int().nullable(),
  confidence: z.number().nullable(),
  /** The most probable classes only, where a model has very many. */
  all_probabilities: z.record(z.string(), z.number()).nullable(),
  prediction_time_ms: z.number().nullable(),
  queue_ms: z.number().nullable(),
  decode_ms: z.number().nullable(),
  inference_ms: z.number().nullable(),
  source: z.string(),
  image_sha256: z.string().nullable(),
  image_width: z.int().nullable(),
  image_height: z.int().nullable(),
  image_format: z.string().nullable(),
  client_hash: z.string().nullable(),
  error_code: z.string().nullable(),
  /** The true label, where somebody told it. */
  feedback_label: z.string().nullable(),
  /** Of a shadow's answer: the prediction that was returned instead. */
  shadow_of: z.string().nullable(),
});

export type StoredPrediction = z.infer<typeof storedPredictionSchema>;

const versionFilter = {
  model: z.string().min(1).optional().describe('Only this model.'),
  version: z.int().nonnegative().optional().describe('Only this version; 0 is that of imported predictions.'),
};

/** Which predictions; every condition must hold. */
export const predictionFilterSchema = z.object({
  class: z.string().min(1).optional().describe('Predicted class.'),
  min_confidence: z.number().min(0).max(1).optional().describe('Lowest confidence.'),
  max_confidence: z.number().min(0).max(1).optional().describe('Highest confidence.'),
  from: timeTextSchema
    .optional()
    .describe('Predictions at or after this time; a date means its midnight in UTC.'),
  to: timeTextSchema.optional().describe('Predictions before this time; a date means its midnight in UTC.'),
  ...versionFilter,
  source: z.enum(PREDICTION_SOURCES).optional().describe('How the prediction was requested.'),
  has_feedback: z.boolean().optional().describe('Only predictions with feedback, or only those without.'),
});

export type PredictionFilter = z.infer<typeof predictionFilterSchema>;

export const MAX_PAGE_ROWS = 500;

export const pageQuerySchema = predictionFilterSchema.extend({
  limit: z.int().min(1).max(MAX_PAGE_ROWS).default(50).describe('Predictions on a page.'),
  before: z.uuid().optional().describe('`next` of the page before.'),
});

export type PageQuery = z.infer<typeof pageQuerySchema>;

export const pageSchema = z.strictObject({
  /** Newest first. */
  predictions: z.array(storedPredictionSchema),
  /** Where the next page starts; null on the last one. */
  next: z.string().nullable(),
});

export type Page = z.infer<typeof pageSchema>;

export const EXPORT_FORMATS = ['ndjson', 'csv'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** A part of an export, ready to be sent, and where the next part starts. */
export const exportChunkSchema = z.strictObject({ text: z.string(), next: z.string().nullable() });

export type ExportChunk = z.infer<typeof exportChunkSchema>;

/** All predictions ever, or those of one minute or hour; those that retention deleted count still. */
export const statisticsSchema = z.strictObject({
  total_predictions: z.int(),
  /** Null without predictions, as the next four. */
  average_confidence: z.number().nullable(),
  min_confidence: z.number().nullable(),
  max_confidence: z.number().nullable(),
  average_prediction_time_ms: z.number().nullable(),
  predictions_per_class: z.record(z.string(), z.int()),
  /** Equal bins over 0..1. */
  confidence_histogram: z.array(z.int()),
  /** The same for what was measured of a sample of the images; sharpness over 0..1/3. */
  input_histograms: z.record(z.enum(INPUT_STATISTICS), z.array(z.int())),
  /** Predictions by `prediction_time_ms`: more than the bound before, at most this one; null has no bound. */
  latency_histogram: z.array(z.strictObject({ up_to_ms: z.number().nullable(), predictions: z.int() })),
  total_errors: z.int(),
  errors_by_code: z.record(z.string(), z.int()),
  /** Predictions whose true label was told, and the share that was right. */
  feedback: z.strictObject({ predictions: z.int(), accuracy: z.number().nullable() }),
});

export type Statistics = z.infer<typeof statisticsSchema>;

export const statisticsQuerySchema = z.object(versionFilter);

export type StatisticsQuery = z.infer<typeof statisticsQuerySchema>;

export const seriesQuerySchema = z.object({
  ...versionFilter,
  resolution: z.enum(['minute', 'hour']),
  from: timeTextSchema,
  to: timeTextSchema,
});

export type SeriesQuery = z.infer<typeof seriesQuerySchema>;

/** Minutes or hours in which there was something, oldest first. */
export const seriesSchema = z.array(statisticsSchema.extend({ start: z.string() }));

export type Series = z.infer<typeof seriesSchema>;

/** Versions of one model side by side. */
export const comparisonQuerySchema = z.strictObject({
  model: z.string(),
  versions: z.array(z.strictObject({ version: z.int(), is_shadow: z.boolean() })),
  from: z.iso.datetime(),
});

export type ComparisonQuery = z.infer<typeof comparisonQuerySchema>;

/** How one version has done; what is no count is of its newest predictions only. */
export const versionFiguresSchema = z.strictObject({
  version: z.int(),
  /** Images, failed ones included. */
  requests: z.int(),
  /** How many of them the rest is taken from: the newest. */
  sampled: z.int(),
  errors: z.int(),
  /** Null without answers, as the next two. */
  latency_p50_ms: z.number().nullable(),
  latency_p99_ms: z.number().nullable(),
  average_confidence: z.number().nullable(),
  predictions_per_class: z.record(z.string(), z.int()),
  /** Of a shadow: how often it said what was returned instead; null for others. */
  agreement: z.strictObject({ compared: z.int(), share: z.number().nullable() }).nullable(),
  /** Predictions whose true label was told, and the share that was right; a shadow is held against the same labels. */
  feedback: z.strictObject({ predictions: z.int(), accuracy: z.number().nullable() }),
});

export const comparisonSchema = z.array(versionFiguresSchema);

export type Comparison = z.infer<typeof comparisonSchema>;

/** How the history fares, for metrics. Rows are counted since this process opened it. */
export interface HistoryCounters {
  /** What had been written before, as by a second import, does not count. */
  readonly writtenRows: number;
  /** Found no room in the queue, or the history had gone. */
  readonly droppedRows: number;
  /** Were in a group that could not be committed. */
  readonly failedRows: number;
  readonly queuedRows: number;
  /** In the file, whoever wrote them. */
  readonly storedRows: number;
  readonly walBytes: number;
}

/** Past predictions: written in groups by one thread, read by others. */
export interface History {
  readonly counters: HistoryCounters;
  /**
   * Takes note of a prediction; never blocks, never throws.
   * @returns undefined when relaxed. When strict: settles once the row is on disk.
   * @throws FoveaError (as rejection) `overloaded` when the queue is full, `history_failed` when it cannot be written
   */
  record(prediction: PredictionRecord): Promise<void> | undefined;
  /** Sets the true label of a prediction, after all predictions that were recorded before.
   * @param label may differ from the model's label in case and punctuation
   * @returns the label as the model spells it
   * @throws FoveaError `not_found`, `bad_request` for a label that the model does not know */
  feedback(id: string, label: string): Promise<string>;
  statistics(query?: StatisticsQuery): Promise<Statistics>;
  /** @throws FoveaError `bad_request` for more than 1500 points */
  series(query: SeriesQuery): Promise<Series>;
  /** In the order of the query. */
  compare(query: ComparisonQuery): Promise<Comparison>;
  page(query: PageQuery): Promise<Page>;
  /** @throws FoveaError `not_found` */
  byId(id: string): Promise<StoredPrediction>;
  /** Text in parts of some 1000 rows, newest first; the next part is read when it is asked for. */
  export(filter: PredictionFilter, format: ExportFormat): AsyncIterable<string>;
  /** Settles once everything that was recorded is on disk, or could not be written. */
  flush(): Promise<void>;
  /** Writes what is queued and ends the threads. */
  close(): Promise<void>;
}
