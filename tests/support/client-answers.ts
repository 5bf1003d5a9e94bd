import type { z } from 'zod';
import type * as client from '../../clients/typescript/src/answers.js';
import type { driftReportSchema } from '../../src/insight/drift/drift.js';
import type { pageSchema, statisticsSchema } from '../../src/insight/history/history.js';
import type {
  evaluationSummarySchema,
  mistakeSchema,
  multiLabelMistakeSchema,
} from '../../src/learning/evaluation/evaluation.js';
import type { trainingJobSchema } from '../../src/learning/training/training-job.js';
import type { metricsSchema } from '../../src/models/repository/manifest.js';
import type { multiLabelMetricsSchema } from '../../src/models/repository/multi-label-metrics.js';
import type { trafficRequestSchema } from '../../src/models/repository/traffic.js';

/* The compiler refuses this file when an answer of the server no longer fits the type that the client library has for it. */

type Fits<Client, Server extends Client> = Server;

export interface Fitting {
  readonly statistics: Fits<client.Statistics, z.infer<typeof statisticsSchema>>;
  readonly page: Fits<client.PredictionPage, z.infer<typeof pageSchema>>;
  readonly drift: Fits<client.DriftReport, z.infer<typeof driftReportSchema>>;
  readonly evaluation: Fits<client.EvaluationSummary, z.infer<typeof evaluationSummarySchema>>;
  readonly training: Fits<client.TrainingJob, z.infer<typeof trainingJobSchema>>;
  readonly metrics: Fits<client.ClassificationMetrics, z.infer<typeof metricsSchema>>;
  readonly multiLabelMetrics: Fits<client.MultiLabelMetrics, z.infer<typeof multiLabelMetricsSchema>>;
  readonly mistake: Fits<client.Mistake, z.infer<typeof mistakeSchema>>;
  readonly multiLabelMistake: Fits<client.MultiLabelMistake, z.infer<typeof multiLabelMistakeSchema>>;
  readonly traffic: Fits<z.input<typeof trafficRequestSchema>, Mutable<client.TrafficRequest>>;
}

/** Zod's types have no `readonly`. */
type Mutable<Value> = Value extends object ? { -readonly [Key in keyof Value]: Mutable<Value[Key]> } : Value;
