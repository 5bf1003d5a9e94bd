/* The server's answers, as docs/api.md explains them: the fields that clients read. Numbers named share are 0..1. */

export interface Health {
  readonly status: 'healthy' | 'degraded' | 'starting' | 'draining' | 'unhealthy';
  readonly uptime_seconds: number;
  readonly version: string;
  readonly degraded: readonly { readonly part: string; readonly reason: string }[];
  readonly model: { readonly name: string; readonly version: number } | null;
  readonly models: readonly {
    readonly name: string;
    readonly is_default: boolean;
    readonly active_version: number | null;
    readonly versions: readonly number[];
    readonly problem: string | null;
  }[];
  readonly engine: {
    readonly name: string;
    readonly device: string;
    readonly precision: string;
    readonly instances: number;
  } | null;
}

export interface ClassMetrics {
  readonly label: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

/** Of one version of a model of one class an image, on one set of labelled images. */
export interface ClassificationMetrics {
  readonly images: number;
  readonly accuracy: number;
  readonly top3_accuracy: number;
  readonly log_loss: number;
  readonly f1_macro: number;
  readonly expected_calibration_error: number;
  /** `confusion_matrix[true][predicted]`, in the order of `per_class`. */
  readonly confusion_matrix: readonly (readonly number[])[];
  readonly per_class: readonly ClassMetrics[];
}

/** The same of a model of several labels an image. */
export interface MultiLabelMetrics {
  readonly task: 'multi';
  readonly images: number;
  /** Share of the images with exactly the true labels. */
  readonly accuracy: number;
  readonly hamming_loss: number;
  readonly log_loss: number;
  readonly f1_macro: number;
  readonly f1_micro: number;
  readonly mean_average_precision: number | null;
  readonly expected_calibration_error: number;
  readonly per_class: readonly ClassMetrics[];
}

export type Metrics = ClassificationMetrics | MultiLabelMetrics;

export interface EpochCurve {
  readonly epoch: number;
  readonly learning_rate: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly validation_loss: number;
  readonly validation_accuracy: number;
  readonly seconds: number;
}

export interface ModelVersion {
  readonly version: number;
  readonly is_active: boolean;
  readonly is_in_service: boolean;
  readonly created_at: string | null;
  readonly description: string | null;
  /** Such as `cifar10-cnn/4`. */
  readonly parent: string | null;
  readonly training: {
    readonly data: string;
    readonly train_images: number;
    readonly validation_images: number;
    readonly engine: string;
    readonly seconds: number;
  } | null;
  readonly metrics: {
    readonly validation?: Metrics | null | undefined;
    readonly test?: Metrics | null | undefined;
  } | null;
  readonly evaluation: {
    readonly id: string;
    readonly end_time: string | null;
    readonly data: string;
    readonly split: string;
    readonly images: number | null;
    readonly accuracy: number | null;
    readonly log_loss: number | null;
  } | null;
  readonly acceptance: 'accepted' | 'candidate' | 'refused';
  readonly acceptance_reason: string | null;
  readonly problem: string | null;
}

/** A version and its training curves, none where it was not trained here. */
export interface ModelVersionDetail extends ModelVersion {
  readonly model: string;
  readonly curves: readonly EpochCurve[];
}

export interface Model {
  readonly model: string;
  readonly is_default: boolean;
  readonly active_version: number | null;
  /** Highest first. */
  readonly versions: readonly ModelVersion[];
}

/** A version in service. */
export interface ModelInfo {
  readonly model: string;
  readonly version: number;
  readonly input_shape: readonly number[];
  readonly num_classes: number;
  readonly class_names: readonly string[];
  readonly training_metadata: { readonly curves: readonly EpochCurve[] } | null;
}

export interface Feedback {
  readonly predictions: number;
  readonly accuracy: number | null;
}

export interface Traffic {
  readonly model: string;
  readonly active_version: number;
  readonly is_split: boolean;
  readonly since: string;
  readonly versions: readonly {
    readonly version: number;
    readonly role: 'active' | 'canary' | 'shadow';
    readonly percent: number;
    readonly requests: number;
    readonly errors: number;
    readonly latency_p50_ms: number | null;
    readonly latency_p99_ms: number | null;
    readonly average_confidence: number | null;
    readonly agreement: { readonly compared: number; readonly share: number | null } | null;
    readonly feedback: Feedback;
  }[];
}

/** What `PUT /api/models/{model}/traffic` takes. */
export interface TrafficRequest {
  readonly split: readonly { readonly version: number; readonly percent: number }[];
  readonly shadow: readonly number[];
}

export interface Statistics {
  readonly total_predictions: number;
  readonly average_confidence: number | null;
  readonly average_prediction_time_ms: number | null;
  readonly predictions_per_class: Readonly<Record<string, number>>;
  readonly confidence_histogram: readonly number[];
  /** Above the bound before and up to `up_to_ms`; null: no bound. */
  readonly latency_histogram: readonly { readonly up_to_ms: number | null; readonly predictions: number }[];
  readonly total_errors: number;
  readonly errors_by_code: Readonly<Record<string, number>>;
  readonly feedback: Feedback;
}

export interface StoredPrediction {
  readonly id: string;
  readonly timestamp: string;
  readonly request_id: string | null;
  readonly model: string | null;
  readonly version: number | null;
  readonly predicted_class: string | null;
  readonly confidence: number | null;
  readonly all_probabilities: Readonly<Record<string, number>> | null;
  readonly prediction_time_ms: number | null;
  readonly queue_ms: number | null;
  readonly decode_ms: number | null;
  readonly inference_ms: number | null;
  readonly source: string;
  readonly image_sha256: string | null;
  readonly image_width: number | null;
  readonly image_height: number | null;
  readonly image_format: string | null;
  readonly error_code: string | null;
  readonly feedback_label: string | null;
  /** The labels that reached their threshold; models of several labels have them. */
  readonly labels?: readonly { readonly class: string }[] | undefined;
  /** The true labels by feedback; models of several labels have them. */
  readonly feedback_labels?: readonly string[] | null | undefined;
  readonly shadow_of: string | null;
}

export interface PredictionPage {
  /** Newest first. */
  readonly predictions: readonly StoredPrediction[];
  /** `before` of the next page; null on the last page. */
  readonly next: string | null;
}

export interface PredictionFilter {
  readonly class?: string | undefined;
  readonly min_confidence?: number | undefined;
  readonly max_confidence?: number | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly model?: string | undefined;
  readonly version?: number | undefined;
  readonly source?: string | undefined;
  readonly has_feedback?: boolean | undefined;
}

export type DriftState = 'insufficient_data' | 'ok' | 'warning' | 'drifted';

/** As `/api/live` sends it, without its course over time. */
export interface DriftSummary {
  readonly model: string;
  readonly version: number;
  readonly state: DriftState;
  readonly thresholds: {
    readonly warning: number;
    readonly drifted: number;
    readonly min_samples: number;
  };
  readonly signals: Readonly<
    Record<
      string,
      {
        readonly state: DriftState | 'baseline_missing';
        readonly psi: number | null;
        readonly samples: number;
      }
    >
  >;
}

export interface DriftReport extends DriftSummary {
  readonly over_time: readonly {
    readonly start: string;
    readonly predictions: number;
    readonly psi: Readonly<Record<string, number | null>>;
  }[];
}

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
  readonly epochs?: number | undefined;
  readonly learning_rate?: number | undefined;
  readonly batch_size?: number | undefined;
  readonly auto_activate?: boolean | undefined;
  readonly max_accuracy_drop?: number | undefined;
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

/** The true class, or all true labels of a model of several labels. */
export type Truth = { readonly label: string } | { readonly labels: readonly string[] };

/** The stored truth, spelt as the model spells it: `label`, or `labels` for models of several labels. */
export interface StoredTruth {
  readonly prediction_id: string;
  readonly feedback_label?: string | undefined;
  readonly feedback_labels?: readonly string[] | undefined;
}

/** What an import read and tried. */
export interface ImportReport {
  readonly model: string;
  /** The new version; null in a dry run. */
  readonly version: number | null;
  /** Such as `ONNX of pytorch, opset 20`. */
  readonly format: string;
  /** The facts of the model, each with its origin: a file, a layer or a field. */
  readonly facts: readonly { readonly fact: string; readonly value: string; readonly from: string }[];
  readonly engine: string;
  readonly device: string;
  readonly precision: string;
  /** One image at a time. */
  readonly images_per_second: number;
  readonly memory_bytes: number;
  /** Why the fastest engines cannot run the model; null where they can. */
  readonly plan_problem: string | null;
  /** The reasons against the engines before `engine`. */
  readonly passed_over: readonly string[];
  /** What serves the new version. */
  readonly message: string;
}

/** One message of `/api/live`. */
export interface LiveMessage {
  readonly type: 'live';
  readonly time: string;
  readonly statistics: Statistics | null;
  /** Sums of each version since the start of the server. */
  readonly batches: readonly {
    readonly model: string;
    readonly version: number;
    readonly batches: number;
    readonly images: number;
    readonly inference_seconds: number;
  }[];
  readonly queues: {
    readonly requests_in_flight: number;
    readonly decode_images: number;
    readonly images: number;
  };
  readonly usage: {
    /** Processor time of the server's process since the message before, in cores. */
    readonly cpu_cores: number;
    readonly resident_bytes: number;
    readonly gpus: readonly {
      readonly index: string;
      readonly used_bytes: number;
      readonly total_bytes: number;
      /** 0..1; null where the driver does not report it. */
      readonly utilization: number | null;
    }[];
  };
  readonly drift: readonly DriftSummary[];
  readonly training: TrainingJob | null;
  readonly evaluation: EvaluationSummary | null;
}
