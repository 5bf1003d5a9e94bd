import type { EpochCurve, Metrics } from './models.js';

/* The server's answers about training, evaluation and uploaded images. */

export type JobState = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'interrupted';

export interface TrainingJob {
  readonly id: string;
  readonly state: JobState;
  readonly start_time: string;
  readonly end_time: string | null;
  readonly progress: {
    readonly phase: string;
    readonly epoch: number | null;
    readonly epochs: number;
    readonly step: number | null;
    readonly steps_per_epoch: number | null;
    readonly loss: number | null;
    readonly accuracy: number | null;
    readonly images_per_second: number | null;
    readonly eta_seconds: number | null;
    readonly curves: readonly EpochCurve[];
  };
  readonly result: {
    readonly version: number;
    readonly validation_accuracy: number;
    readonly test_accuracy: number | null;
    readonly seconds: number;
    readonly is_activated: boolean;
    /** Why the version was activated or not. */
    readonly activation: string;
  } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface RetrainStatus {
  readonly is_retraining: boolean;
  readonly memory_bytes: number | null;
  readonly job: (TrainingJob & { readonly model: string }) | null;
}

/** What `POST /api/retrain` takes; docs/training.md lists the rest. */
export interface RetrainRequest {
  readonly model?: string | undefined;
  readonly data?: 'configured' | 'catalogue' | undefined;
  readonly base_version?: number | null | undefined;
  /** `head`, `last:<layers>`, `all` or `auto`. */
  readonly learn?: string | undefined;
  readonly epochs?: number | undefined;
  readonly learning_rate?: number | undefined;
  readonly batch_size?: number | undefined;
  readonly auto_activate?: boolean | undefined;
  readonly max_accuracy_drop?: number | undefined;
  /** Of a head: distance above which an answer has `unfamiliar: true`; null ends that. Default: as the base version. */
  readonly unfamiliar_above?: number | null | undefined;
}

export interface EvaluationSummary {
  readonly id: string;
  readonly state: JobState;
  readonly start_time: string;
  readonly model: string;
  readonly version: number;
  readonly data: string;
  readonly split: string;
  readonly progress: {
    readonly phase: string;
    readonly images_done: number;
    readonly images_total: number | null;
  };
  readonly images: number | null;
  readonly accuracy: number | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** An image that the model classified wrongly. */
export interface Mistake {
  readonly true_class: string;
  readonly predicted_class: string;
  readonly confidence: number;
  readonly true_class_probability: number;
  /** Data URL of a PNG. */
  readonly thumbnail: string;
}

/** An image whose labels are not exactly the true ones. */
export interface MultiLabelMistake {
  readonly true_labels: readonly string[];
  readonly predicted_labels: readonly string[];
  readonly confidence: number;
  readonly thumbnail: string;
}

export interface MistakePage {
  /** Kept mistakes that match. */
  readonly total: number;
  /** Most confident first. */
  readonly mistakes: readonly (Mistake | MultiLabelMistake)[];
}

export interface MistakeFilter {
  readonly true_class?: string | undefined;
  readonly predicted_class?: string | undefined;
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
}

export interface Evaluation extends EvaluationSummary {
  readonly result: (Metrics & { readonly mistakes: MistakePage['mistakes'] }) | null;
}

/** What `POST /api/model/evaluate` takes. */
export interface EvaluationRequest {
  readonly model?: string | undefined;
  readonly version?: number | undefined;
  readonly data?: 'configured' | 'catalogue' | undefined;
  readonly split?: 'test' | 'train' | undefined;
  readonly limit?: number | undefined;
  readonly mistakes?: number | undefined;
}

/** The number of uploaded images by label and split. */
export interface TrainingData {
  readonly totals: readonly { readonly label: string; readonly train: number; readonly test: number }[];
  readonly bytes: number;
  readonly max_bytes: number;
}

export interface Upload {
  readonly id: string;
  readonly model: string;
  readonly source: string;
  readonly created_at: string;
  readonly images: number;
}
