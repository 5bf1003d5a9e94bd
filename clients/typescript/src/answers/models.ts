import type { Feedback } from './history.js';

/* The server's answers about models, as docs/api.md explains them: the fields that clients read. Numbers named share are 0..1. */

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
    /** Such as `"learn": "head"`. */
    readonly settings: Readonly<Record<string, string | number | boolean | null>>;
    readonly seconds: number;
  } | null;
  /** Distance above which an answer has `unfamiliar: true`; null: answers never have the field. */
  readonly unfamiliar_above: number | null;
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

/** `multi`: an image has any number of labels. */
export type Task = 'single' | 'multi';

/** What `POST /api/models` takes. */
export interface NewModel {
  readonly name: string;
  readonly base: { readonly model: string; readonly version?: number };
  /** Default: those of the images of the first training. */
  readonly labels?: readonly string[];
  /** Default: `single`. */
  readonly task?: Task;
  /** Distance above which an answer has `unfamiliar: true`. Default: answers never have the field. */
  readonly unfamiliar_above?: number;
}

/** A model without versions. */
export interface CreatedModel {
  readonly model: string;
  /** `<model>/<version>` */
  readonly base: string;
  readonly labels: readonly string[];
  readonly task: Task;
  readonly unfamiliar_above: number | null;
  readonly message: string;
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
  /** Of a model without versions: what its first training starts from. */
  readonly planned: Pick<CreatedModel, 'base' | 'labels' | 'task' | 'unfamiliar_above'> | null;
}

/** A version in service. */
export interface ModelInfo {
  readonly model: string;
  readonly version: number;
  readonly input_shape: readonly number[];
  readonly num_classes: number;
  readonly class_names: readonly string[];
  /** Of a model of several labels: probability from which each counts. */
  readonly thresholds?: readonly number[] | undefined;
  readonly training_metadata: { readonly curves: readonly EpochCurve[] } | null;
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
