import { z } from 'zod';
import type { ErrorCode } from '../../platform/errors.js';
import type { ImageFormat } from '../../platform/image-format.js';
import { timeTextSchema } from '../../platform/time-text.js';
import { type ImageStatistics, INPUT_STATISTICS } from '../drift/input-statistics.js';
import { cursorSchema, PAGE_SORTS, type ReviewScores } from './page-order.js';
import { type StoredPrediction, storedPredictionSchema } from './stored-prediction.js';
import type { ToldTruth, Truth } from './truth.js';

/** How a prediction was requested. `import`: from the old service's file. `shadow`: recorded, not returned. */
export const PREDICTION_SOURCES = ['http', 'batch', 'stream', 'protocol', 'import', 'shadow'] as const;

export type PredictionSource = (typeof PREDICTION_SOURCES)[number];

/** The version that answered. */
export interface AnsweringVersion {
  readonly model: string;
  /** 0 when unknown, as for predictions of the old service. */
  readonly version: number;
  /** In output order. */
  readonly labels: readonly string[];
  /** `label_ids` of the manifest, in output order; null without them. */
  readonly labelIds?: readonly string[] | null;
}

/** A prediction to record, answered or failed. Null: unknown. */
export interface PredictionRecord {
  /** UUIDv7 from `newPredictionId`; contains the time. */
  readonly id: string;
  readonly requestId: string | null;
  /** Null when it failed before a version was chosen. A record with an answer has a version. */
  readonly version: AnsweringVersion | null;
  /** Null when it failed. */
  readonly answer: {
    readonly classIndex: number;
    /** 0..1 */
    readonly confidence: number;
    /** float32 `[labels]`, or of `classes`, or empty; `record` copies it. */
    readonly probabilities: Float32Array;
    /** Classes of the probabilities; undefined: all, in output order. Only for models with more than `DENSE_CLASSES`. */
    readonly classes?: readonly number[];
    /** Classes that the answer of a `multi` model lists; undefined for a `single` model. */
    readonly labels?: readonly number[] | undefined;
  } | null;
  /** Only of answers whose image is kept, because others cannot be labelled. */
  readonly reviewScores?: ReviewScores | null;
  readonly queueMs: number | null;
  readonly decodeMs: number | null;
  readonly inferenceMs: number | null;
  /** `prediction_time_ms` of the response. */
  readonly predictionMs: number | null;
  readonly source: PredictionSource;
  /** SHA-256 of the request's image bytes, 64 hexadecimal digits. */
  readonly imageSha256: string | null;
  readonly imageWidth: number | null;
  readonly imageHeight: number | null;
  readonly imageFormat: ImageFormat | null;
  /** Statistics of the model's input pixels; null when not measured. */
  readonly inputStatistics: ImageStatistics | null;
  /** Pseudonym that distinguishes clients. */
  readonly clientHash: string | null;
  readonly errorCode: ErrorCode | null;
  /** For a shadow's answer, the id of the returned prediction. Shadows count in no statistics. */
  readonly shadowOf?: string | null;
}

const versionFilter = {
  model: z.string().min(1).optional().describe('Only this model.'),
  version: z.int().nonnegative().optional().describe('Only this version; 0 is that of imported predictions.'),
};

/** Filters of predictions; all of them must match. */
export const predictionFilterSchema = z.object({
  class: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Predicted class, or one of the labels that the answer lists; case and punctuation do not matter.',
    ),
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
  before: cursorSchema.optional().describe('`next` of the page before.'),
  sort: z
    .enum(PAGE_SORTS)
    .optional()
    .describe(
      'Default: `newest`. `margin`, `entropy` and `distance`: only predictions whose image is kept, the least certain or most unusual first, each image once a page. Such a page may have fewer predictions than `limit` before the last one.',
    ),
});

export type PageQuery = z.infer<typeof pageQuerySchema>;

export const pageSchema = z.strictObject({
  /** In the order of `sort`. */
  predictions: z.array(storedPredictionSchema),
  /** Cursor of the next page; null on the last page. */
  next: z.string().nullable(),
});

export type Page = z.infer<typeof pageSchema>;

export const EXPORT_FORMATS = ['ndjson', 'csv'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** A part of an export, and the cursor of the next part. */
export const exportChunkSchema = z.strictObject({ text: z.string(), next: z.string().nullable() });

export type ExportChunk = z.infer<typeof exportChunkSchema>;

/** Sums over all predictions, or over one minute or hour; includes predictions that retention deleted. */
export const statisticsSchema = z.strictObject({
  total_predictions: z.int(),
  /** Null without predictions, as are the next four. */
  average_confidence: z.number().nullable(),
  min_confidence: z.number().nullable(),
  max_confidence: z.number().nullable(),
  average_prediction_time_ms: z.number().nullable(),
  predictions_per_class: z
    .record(z.string(), z.int())
    .describe(
      'Answers of each class; of a model of several labels each label that reached its threshold, so that the counts may add up to more or less than `total_predictions`.',
    ),
  /** Equal bins over 0..1. */
  confidence_histogram: z.array(z.int()),
  /** Histograms of the measured sample of images; sharpness over 0..1/3, others over 0..1. */
  input_histograms: z.record(z.enum(INPUT_STATISTICS), z.array(z.int())),
  /** Predictions by `prediction_time_ms`, above the bound before and up to `up_to_ms`; null: no bound. */
  latency_histogram: z.array(z.strictObject({ up_to_ms: z.number().nullable(), predictions: z.int() })),
  total_errors: z.int(),
  errors_by_code: z.record(z.string(), z.int()),
  /** Number of predictions with feedback, and their accuracy; of several labels, the share of answers with exactly the true ones. */
  feedback: z.strictObject({
    predictions: z.int(),
    accuracy: z.number().nullable(),
    labels: z
      .record(
        z.string(),
        z.strictObject({ true_positives: z.int(), false_positives: z.int(), false_negatives: z.int() }),
      )
      .optional()
      .describe('Feedback on models of several labels, by label; absent without such feedback.'),
  }),
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

/** Minutes or hours that had predictions, oldest first. */
export const seriesSchema = z.array(statisticsSchema.extend({ start: z.string() }));

export type Series = z.infer<typeof seriesSchema>;

/** The versions of one model to compare. */
export const comparisonQuerySchema = z.strictObject({
  model: z.string(),
  versions: z.array(z.strictObject({ version: z.int(), is_shadow: z.boolean() })),
  from: z.iso.datetime(),
});

export type ComparisonQuery = z.infer<typeof comparisonQuerySchema>;

/** Figures of one version. Counts cover all predictions, other figures the newest ones. */
export const versionFiguresSchema = z.strictObject({
  version: z.int(),
  /** Number of images, including failed ones. */
  requests: z.int(),
  /** Number of newest predictions that the other figures cover. */
  sampled: z.int(),
  errors: z.int(),
  /** Null without answers, as are the next two. */
  latency_p50_ms: z.number().nullable(),
  latency_p99_ms: z.number().nullable(),
  average_confidence: z.number().nullable(),
  /** As in the statistics. */
  predictions_per_class: z.record(z.string(), z.int()),
  /** For a shadow, how often it agreed with the returned prediction, with the same labels where there are several; null for others. */
  agreement: z.strictObject({ compared: z.int(), share: z.number().nullable() }).nullable(),
  /**
   * Number of predictions with feedback, and their accuracy. A shadow is compared with feedback on the returned
   * prediction.
   */
  feedback: z.strictObject({ predictions: z.int(), accuracy: z.number().nullable() }),
});

export const comparisonSchema = z.array(versionFiguresSchema);

export type Comparison = z.infer<typeof comparisonSchema>;

/** State of the history, for metrics. Counts rows since this process opened it. */
export interface HistoryCounters {
  /** Rows written; rows that existed already, as after a repeated import, do not count. */
  readonly writtenRows: number;
  /** Rows dropped because the queue was full or the history failed. */
  readonly droppedRows: number;
  /** Rows of groups that could not be committed. */
  readonly failedRows: number;
  readonly queuedRows: number;
  /** Rows in the file, including those of earlier processes. */
  readonly storedRows: number;
  readonly walBytes: number;
}

/** Past predictions. One thread writes them in groups; other threads read. */
export interface History {
  readonly counters: HistoryCounters;
  /**
   * Records a prediction. Never blocks or throws synchronously.
   * @returns undefined in relaxed mode; in strict mode a promise that resolves once the row is on disk
   * @throws FoveaError (as rejection) `overloaded` when the queue is full; `history_failed` when it cannot be written
   */
  record(prediction: PredictionRecord): Promise<void> | undefined;
  /** Sets the truth of a prediction, after all predictions that were recorded before.
   * @throws FoveaError `not_found`; `bad_request` for a label that the model does not know, and for `label` or `labels` where
   *   the model takes the other */
  feedback(id: string, truth: Truth): Promise<ToldTruth>;
  statistics(query?: StatisticsQuery): Promise<Statistics>;
  /** @throws FoveaError `bad_request` for more than 1500 points */
  series(query: SeriesQuery): Promise<Series>;
  /** In the order of the query. */
  compare(query: ComparisonQuery): Promise<Comparison>;
  page(query: PageQuery): Promise<Page>;
  /** @throws FoveaError `not_found` */
  byId(id: string): Promise<StoredPrediction>;
  /** Yields text in parts of about 1000 rows, newest first; reads the next part on demand. */
  export(filter: PredictionFilter, format: ExportFormat): AsyncIterable<string>;
  /** Settles once every recorded row is on disk or has failed. */
  flush(): Promise<void>;
  /** Writes queued rows and ends the threads. */
  close(): Promise<void>;
}
