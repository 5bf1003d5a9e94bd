import { z } from 'zod';
import { INPUT_STATISTICS } from './input-statistics.js';

/** From the best to the worst; with `insufficient_data` there is no verdict yet. */
export const DRIFT_STATES = ['insufficient_data', 'ok', 'warning', 'drifted'] as const;

export type DriftState = (typeof DRIFT_STATES)[number];

/** What is compared: predicted classes, their confidence, and what the images look like. */
export const DRIFT_SIGNALS = ['classes', 'confidence', ...INPUT_STATISTICS] as const;

export type DriftSignal = (typeof DRIFT_SIGNALS)[number];

export const DRIFT_WINDOWS = ['hour', 'day'] as const;

export type DriftWindow = (typeof DRIFT_WINDOWS)[number];

const psi = z.number().nonnegative();

const signalSchema = z.strictObject({
  /** `baseline_missing`: the version's manifest does not say how this was in training. */
  state: z.enum([...DRIFT_STATES, 'baseline_missing']),
  /** Population stability index; null without samples or baseline. */
  psi: psi.nullable(),
  samples: z.int().nonnegative(),
});

export type SignalReport = z.infer<typeof signalSchema>;

export const driftReportSchema = z.strictObject({
  model: z.string(),
  version: z.int(),
  window: z.enum(DRIFT_WINDOWS),
  /** The last hour or day, up to now. */
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  /** The worst of all signals. */
  state: z.enum(DRIFT_STATES),
  thresholds: z.strictObject({ warning: z.number(), drifted: z.number(), min_samples: z.int() }),
  /** Validation images of the training, which is what all is compared with; null where the manifest has none. */
  baseline_images: z.int().nullable(),
  signals: z.record(z.enum(DRIFT_SIGNALS), signalSchema),
  /** By feedback, beside the accuracy that the manifest states of the validation images. */
  live_accuracy: z.strictObject({
    predictions: z.int(),
    accuracy: z.number().nullable(),
    baseline_accuracy: z.number().nullable(),
  }),
  /** Whole hours or days by the clock (UTC) in which there were predictions, oldest first. */
  over_time: z.array(
    z.strictObject({
      start: z.iso.datetime(),
      predictions: z.int(),
      state: z.enum(DRIFT_STATES),
      psi: z.record(z.enum(DRIFT_SIGNALS), psi.nullable()),
    }),
  ),
});

export type DriftReport = z.infer<typeof driftReportSchema>;

/** An hour or day by the clock (UTC). */
export interface DriftPeriod {
  /** As ISO 8601. */
  readonly start: string;
  readonly predictions: number;
  readonly state: DriftState;
  readonly signals: Readonly<Record<DriftSignal, SignalReport>>;
}

/** Oldest first; those without predictions are left out. */
export interface DriftHistory {
  readonly thresholds: DriftReport['thresholds'];
  readonly periods: readonly DriftPeriod[];
}
