import type { KeptRows } from '../state/kept-rows.js';
import type { RetrainRequest } from './retrain-request.js';
import type { TrainingJob } from './training-job.js';

/** Starts, reads and cancels trainings for the fronts. */
export interface TrainingControl {
  /** The running training, else the last one. */
  readonly current: TrainingJob | undefined;
  readonly isRunning: boolean;
  /** Anonymous memory of the training process. */
  readonly memoryBytes: number | undefined;
  /** @returns the newest `limit` trainings, newest first
   * @throws FoveaError `state_failed` */
  past(limit: number): Promise<KeptRows<TrainingJob>>;
  /** @throws FoveaError `training_running`, `not_found` (model, base version), `model_invalid`, `dataset_invalid` */
  start(wanted: RetrainRequest): Promise<TrainingJob>;
  /** @throws FoveaError `not_found` when no training runs */
  cancel(): TrainingJob;
}
