/* The server's answers about drift. */

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
  /** The kept images that are least like the training images. */
  readonly unusual_images: readonly {
    readonly prediction_id: string;
    readonly predicted_class: string | null;
    readonly distance: number | null;
  }[];
}
