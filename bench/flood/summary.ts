/* Reads k6's summary. */
import { z } from 'zod';

const metricSchema = z.object({
  values: z.record(z.string(), z.number()),
  thresholds: z.record(z.string(), z.object({ ok: z.boolean() })).optional(),
});

const summarySchema = z.object({
  /** In order. */
  phaseNames: z.array(z.string()),
  /** Names of the metrics that count and time the requests. */
  reported: z.object({ count: z.string(), duration: z.string() }),
  metrics: z.record(z.string(), metricSchema),
});

type Summary = z.infer<typeof summarySchema>;

export interface Latency {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Users of one kind, or of one period. */
export interface FloodPhase extends Latency {
  readonly name: string;
  readonly requests: number;
  readonly requestsPerSecond: number;
}

export interface FloodResult {
  readonly phases: readonly FloodPhase[];
  /** Predictions that equal the response to the image alone. */
  readonly right: number;
  readonly wrong: number;
  /** Requests of any kind that failed. */
  readonly failed: number;
  /** By stage of the prediction, from the Server-Timing header. */
  readonly serverTimings: Readonly<Record<string, Latency>>;
  /** Violated thresholds. */
  readonly broken: readonly string[];
  /** End of k6's output, which names failed requests. */
  readonly words: string;
}

function latencyOf(values: Readonly<Record<string, number>>): Latency {
  const at = (name: string): number => values[name] ?? Number.NaN;
  return { p50Ms: at('med'), p95Ms: at('p(95)'), p99Ms: at('p(99)'), maxMs: at('max') };
}

function phasesOf({ phaseNames, reported, metrics }: Summary, secondsPerPhase: number): FloodPhase[] {
  return phaseNames.map((name) => {
    const requests = metrics[`${reported.count}{scenario:${name}}`]?.values.count ?? 0;
    const latency = latencyOf(metrics[`${reported.duration}{scenario:${name}}`]?.values ?? {});
    return { name, requests, requestsPerSecond: requests / secondsPerPhase, ...latency };
  });
}

/** @throws ZodError when the summary is not of the pinned k6 version */
export function readSummary(json: string, secondsPerPhase: number): Omit<FloodResult, 'words'> {
  const summary = summarySchema.parse(JSON.parse(json));
  const { metrics } = summary;
  const count = (name: string): number => metrics[name]?.values.count ?? 0;
  const timings = Object.entries(metrics).flatMap(([name, { values }]) =>
    name.startsWith('server_') ? [[name.slice('server_'.length), latencyOf(values)] as const] : [],
  );
  return {
    phases: phasesOf(summary, secondsPerPhase),
    right: count('right_answers'),
    wrong: count('wrong_answers'),
    failed: count('failed_answers'),
    serverTimings: Object.fromEntries(timings),
    broken: Object.entries(metrics).flatMap(([metric, { thresholds = {} }]) =>
      Object.entries(thresholds).flatMap(([rule, { ok }]) => (ok ? [] : [`${metric} ${rule}`])),
    ),
  };
}
