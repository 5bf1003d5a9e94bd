import { z } from 'zod';
import { epochCurveSchema } from '../../models/repository/manifest.js';
import { DRIFT_SIGNALS } from '../drift/drift.js';
import { reliabilityBinSchema } from './reliability-bin.js';

/** Below the title: of what. */
const subtitle = z.string();

/** One row of bars or one line; percents of the whole series. */
const shareSeriesSchema = z.strictObject({ name: z.string(), percents: z.array(z.number()) });

/** All that a picture shows: whatever changes it is in here, so that equal data means an equal picture. */
export const chartSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('confusion_matrix'),
    subtitle,
    labels: z.array(z.string()),
    /** `counts[true][predicted]` */
    counts: z.array(z.array(z.int())),
  }),
  z.strictObject({ kind: z.literal('training_curves'), subtitle, curves: z.array(epochCurveSchema) }),
  z.strictObject({
    kind: z.literal('class_distribution'),
    subtitle,
    labels: z.array(z.string()),
    series: z.array(shareSeriesSchema),
  }),
  z.strictObject({
    kind: z.literal('calibration'),
    subtitle,
    bins: z.array(reliabilityBinSchema),
    expected_calibration_error: z.number(),
  }),
  z.strictObject({
    kind: z.literal('confidence_histogram'),
    subtitle,
    /** Stacked, over equal bins from 0 to 1. */
    bars: z.array(shareSeriesSchema),
    lines: z.array(shareSeriesSchema),
  }),
  z.strictObject({
    kind: z.literal('drift_over_time'),
    subtitle,
    thresholds: z.strictObject({ warning: z.number(), drifted: z.number() }),
    /** When each began, oldest first, with none left out. */
    hours: z.array(z.iso.datetime()),
    /** One index for each hour; null where there were too few images. */
    lines: z.array(
      z.strictObject({ signal: z.enum(DRIFT_SIGNALS), indices: z.array(z.number().nullable()) }),
    ),
  }),
]);

export type Chart = z.infer<typeof chartSchema>;
export type ChartKind = Chart['kind'];
export type ChartOf<Kind extends ChartKind> = Extract<Chart, { kind: Kind }>;
export type ShareSeries = z.infer<typeof shareSeriesSchema>;

/** To the chart process. */
export const chartTaskSchema = z.strictObject({ id: z.int(), chart: chartSchema });

/** From it. */
export const drawnChartSchema = z.union([
  z.strictObject({ id: z.int(), png: z.instanceof(Uint8Array) }),
  z.strictObject({ id: z.int(), problem: z.string() }),
]);

export type ChartTask = z.infer<typeof chartTaskSchema>;
export type DrawnChart = z.infer<typeof drawnChartSchema>;
