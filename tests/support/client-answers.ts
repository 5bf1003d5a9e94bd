import type { z } from 'zod';
import type * as drift from '../../clients/typescript/src/answers/drift.js';
import type * as history from '../../clients/typescript/src/answers/history.js';
import type * as learning from '../../clients/typescript/src/answers/learning.js';
import type * as models from '../../clients/typescript/src/answers/models.js';
import type { driftAnswerSchema } from '../../src/insight/drift/unusual-images.js';
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
  readonly statistics: Fits<history.Statistics, z.infer<typeof statisticsSchema>>;
  readonly page: Fits<history.PredictionPage, z.infer<typeof pageSchema>>;
  readonly drift: Fits<drift.DriftReport, z.infer<typeof driftAnswerSchema>>;
  readonly evaluation: Fits<learning.EvaluationSummary, z.infer<typeof evaluationSummarySchema>>;
  readonly training: Fits<learning.TrainingJob, z.infer<typeof trainingJobSchema>>;
  readonly metrics: Fits<models.ClassificationMetrics, z.infer<typeof metricsSchema>>;
  readonly multiLabelMetrics: Fits<models.MultiLabelMetrics, z.infer<typeof multiLabelMetricsSchema>>;
  readonly mistake: Fits<learning.Mistake, z.infer<typeof mistakeSchema>>;
  readonly multiLabelMistake: Fits<learning.MultiLabelMistake, z.infer<typeof multiLabelMistakeSchema>>;
  readonly traffic: Fits<z.input<typeof trafficRequestSchema>, Mutable<models.TrafficRequest>>;
}

/** Zod's types have no `readonly`. */
type Mutable<Value> = Value extends object ? { -readonly [Key in keyof Value]: Mutable<Value[Key]> } : Value;
