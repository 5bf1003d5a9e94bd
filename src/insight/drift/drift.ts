import { z } from 'zod';
import { INPUT_STATISTICS } from './input-statistics.js';

/** From best to worst; `insufficient_data` means no verdict. */
export const DRIFT_STATES = ['insufficient_data', 'ok', 'warning', 'drifted'] as const;

export type DriftState = (typeof DRIFT_STATES)[number];

/** The compared signals: predicted classes, confidence, and statistics of the images. */
export const DRIFT_SIGNALS = ['classes', 'confidence', ...INPUT_STATISTICS] as const;

export type DriftSignal = (typeof DRIFT_SIGNALS)[number];

export const DRIFT_WINDOWS = ['hour', 'day'] as const;

export type DriftWindow = (typeof DRIFT_WINDOWS)[number];

const psi = z.number().nonnegative();

const signalSchema = z.strictObject({
  /** `baseline_missing`: the manifest has no training statistics for this signal. */
  state: z.enum([...DRIFT_STATES, 'baseline_missing']),
  /** Population stability index; null without samples or baseline. `classes` of a `multi` model: the largest of any label. */
  psi: psi.nullable(),
  samples: z.int().nonnegative(),
});

export type SignalReport = z.infer<typeof signalSchema>;

export const driftReportSchema = z.strictObject({
  model: z.string(),
  version: z.int(),
  window: z.enum(DRIFT_WINDOWS),
  /** Start of the last hour or day, which ends now. */
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  /** The worst state of all signals. */
  state: z.enum(DRIFT_STATES),
  thresholds: z.strictObject({ warning: z.number(), drifted: z.number(), min_samples: z.int() }),
  /** Number of validation images in the manifest's statistics; null when it has none. */
  baseline_images: z.int().nullable(),
  signals: z.record(z.enum(DRIFT_SIGNALS), signalSchema),
  /** Accuracy by feedback, and the manifest's validation accuracy. */
  live_accuracy: z.strictObject({
    predictions: z.int(),
    accuracy: z.number().nullable(),
    baseline_accuracy: z.number().nullable(),
  }),
  /** Whole clock hours or days (UTC) that had predictions, oldest first. */
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

/** A clock hour or day (UTC). */
export interface DriftPeriod {
  /** ISO 8601. */
  readonly start: string;
  readonly predictions: number;
  readonly state: DriftState;
  readonly signals: Readonly<Record<DriftSignal, SignalReport>>;
}

/** Oldest first; periods without predictions are left out. */
export interface DriftHistory {
  readonly thresholds: DriftReport['thresholds'];
  readonly periods: readonly DriftPeriod[];
}
