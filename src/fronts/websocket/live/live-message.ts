import type { DriftReport } from '../../../insight/drift/drift.js';
import type { Statistics } from '../../../insight/history/history.js';
import type { EvaluationSummary } from '../../../learning/evaluation/evaluation.js';
import type { TrainingJob } from '../../../learning/training/training-job.js';
import { FoveaError } from '../../../platform/errors.js';

/** Sums of one model version since the start of the server. */
export interface BatchTotals {
  readonly model: string;
  readonly version: number;
  readonly batches: number;
  readonly images: number;
  /** Run time of all batches in the engine. */
  readonly inference_seconds: number;
}

export interface LiveQueues {
  readonly requests_in_flight: number;
  /** Images that wait to be decoded. */
  readonly decode_images: number;
  /** Decoded images that wait for an instance. */
  readonly images: number;
}

/** What the server takes of the machine. */
export interface LiveUsage {
  /** Processor time of the process since the message before, in cores. */
  readonly cpu_cores: number;
  readonly resident_bytes: number;
  readonly gpus: readonly {
    readonly index: string;
    readonly used_bytes: number;
    readonly total_bytes: number;
    /** 0..1; null where the driver does not report it. */
    readonly utilization: number | null;
  }[];
}

/** What `/api/live` shows; read once an interval while somebody listens. */
export interface LiveSources {
  statistics(): Promise<Statistics>;
  batches(): Promise<readonly BatchTotals[]>;
  queues(): LiveQueues;
  usage(): Promise<LiveUsage>;
  /** The newest report of each version in service. */
  drift(): readonly DriftReport[];
  /** The running training, else the last one. */
  training(): TrainingJob | undefined;
  /** The running evaluation. */
  evaluation(): EvaluationSummary | undefined;
}

/** @returns null while the history cannot be read: all else is still shown */
async function readStatistics({ statistics }: Pick<LiveSources, 'statistics'>): Promise<Statistics | null> {
  try {
    return await statistics();
  } catch (error) {
    if (error instanceof FoveaError) return null;
    throw error;
  }
}

/** The state of the server, as JSON. */
export async function liveMessage(sources: LiveSources): Promise<string> {
  const [statistics, batches, usage] = await Promise.all([
    readStatistics(sources),
    sources.batches(),
    sources.usage(),
  ]);
  return JSON.stringify({
    type: 'live',
    time: new Date().toISOString(),
    statistics,
    batches,
    queues: sources.queues(),
    usage,
    // The course over time is long and changes once an hour: `GET /api/drift` has it.
    drift: sources.drift().map(({ over_time: _, ...report }) => report),
    training: sources.training() ?? null,
    evaluation: sources.evaluation() ?? null,
  });
}
