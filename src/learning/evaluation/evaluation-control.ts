import type { KeptRows } from '../state/kept-rows.js';
import type { Evaluation, EvaluationRequest, EvaluationSummary } from './evaluation.js';

/** Finds the newest successful evaluation of a version; `digest` is `versionDigest` of its manifest. */
export type NewestEvaluation = (version: {
  readonly model: string;
  readonly version: number;
  readonly digest: string;
}) => Promise<EvaluationSummary | undefined>;

/** Starts, reads and cancels evaluations for the fronts. */
export interface EvaluationControl {
  /** Longest duration of one evaluation. */
  readonly timeoutMs: number;
  readonly newestSummaryOf: NewestEvaluation;
  /** @throws FoveaError `not_found`, `model_invalid`, `evaluation_running` */
  start(wanted: EvaluationRequest): Promise<{ summary: EvaluationSummary; finished: Promise<Evaluation> }>;
  readonly store: {
    readonly current: EvaluationSummary | undefined;
    list(filter: { model?: string; version?: number; limit: number }): Promise<KeptRows<EvaluationSummary>>;
    byId(id: string): Promise<Evaluation>;
    cancel(id: string): EvaluationSummary;
  };
}
