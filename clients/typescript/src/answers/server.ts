import type { DriftSummary } from './drift.js';
import type { Statistics } from './history.js';
import type { EvaluationSummary, TrainingJob } from './learning.js';

/* The server's answers about itself. */

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
