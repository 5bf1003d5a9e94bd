import { z } from 'zod';
import { epochCurveSchema } from '../../models/repository/manifest.js';
import { DRIFT_SIGNALS } from '../drift/drift.js';
import { reliabilityBinSchema } from './reliability-bin.js';

/** Names what the chart shows; printed below the title. */
const subtitle = z.string();

/** One row of bars or one line; percentages of the whole series. */
const shareSeriesSchema = z.strictObject({ name: z.string(), percents: z.array(z.number()) });

/** All data of a chart. Equal data yields an equal picture, so that the data is the cache key. */
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
    /** Stacked bars over equal bins from 0 to 1. */
    bars: z.array(shareSeriesSchema),
    lines: z.array(shareSeriesSchema),
  }),
  z.strictObject({
    kind: z.literal('drift_over_time'),
    subtitle,
    thresholds: z.strictObject({ warning: z.number(), drifted: z.number() }),
    /** Start of each hour, oldest first, without gaps. */
    hours: z.array(z.iso.datetime()),
    /** One index per hour; null where the hour had too few images. */
    lines: z.array(
      z.strictObject({ signal: z.enum(DRIFT_SIGNALS), indices: z.array(z.number().nullable()) }),
    ),
  }),
]);

export type Chart = z.infer<typeof chartSchema>;
export type ChartKind = Chart['kind'];
export type ChartOf<Kind extends ChartKind> = Extract<Chart, { kind: Kind }>;
export type ShareSeries = z.infer<typeof shareSeriesSchema>;

/** Message to the chart process. */
export const chartTaskSchema = z.strictObject({ id: z.int(), chart: chartSchema });

/** Message from the chart process. */
export const drawnChartSchema = z.union([
  z.strictObject({ id: z.int(), png: z.instanceof(Uint8Array) }),
  z.strictObject({ id: z.int(), problem: z.string() }),
]);

export type ChartTask = z.infer<typeof chartTaskSchema>;
export type DrawnChart = z.infer<typeof drawnChartSchema>;
