import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Gauge, type Registry } from 'prom-client';
import { z } from 'zod';

/** One GPU, as nvidia-smi reports it. */
export interface GpuReading {
  readonly index: string;
  readonly usedBytes: number;
  readonly totalBytes: number;
  /** Share of the last sample period in which a kernel ran, 0..1; undefined when the driver does not report it (MIG). */
  readonly utilization: number | undefined;
}

const QUERY = ['--query-gpu=index,memory.used,memory.total,utilization.gpu', '--format=csv,noheader,nounits'];
const TIMEOUT_MS = 2000;
const MEBIBYTE = 1024 * 1024;

const lineSchema = z
  .tuple([z.string(), z.coerce.number(), z.coerce.number(), z.coerce.number().optional().catch(undefined)])
  .transform(([index, used, total, percent]): GpuReading => {
    const utilization = percent === undefined ? undefined : percent / 100;
    return { index, usedBytes: used * MEBIBYTE, totalBytes: total * MEBIBYTE, utilization };
  });

/** @param text lines of `index, MiB used, MiB total, percent`: the answer to `QUERY` */
export function parseReadings(text: string): GpuReading[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.flatMap((line) => {
    const parsed = lineSchema.safeParse(line.split(',').map((cell) => cell.trim()));
    return parsed.success ? [parsed.data] : [];
  });
}

/** Memory and utilisation of the machine's NVIDIA GPUs, read at each scrape. */
export class GpuMetrics {
  readonly #used: Gauge;
  readonly #total: Gauge;
  readonly #utilization: Gauge;
  /** Undefined once a scrape found no such program. */
  #program: string | undefined = 'nvidia-smi';
  /** The reading in progress; all gauges of a scrape await it. */
  #reading: Promise<readonly GpuReading[]> | undefined;

  constructor(registry: Registry) {
    const collect = async (): Promise<void> => {
      await this.read();
    };
    const common = { labelNames: ['gpu'], registers: [registry], collect };
    this.#used = new Gauge({
      ...common,
      name: 'fovea_gpu_memory_used_bytes',
      help: 'Used memory of a GPU, by all processes.',
    });
    this.#total = new Gauge({ ...common, name: 'fovea_gpu_memory_total_bytes', help: 'Memory of a GPU.' });
    this.#utilization = new Gauge({
      ...common,
      name: 'fovea_gpu_utilization_ratio',
      help: 'Share of time in which a GPU ran a kernel.',
    });
  }

  /** Reads the GPUs now. @returns none without nvidia-smi, or when it fails */
  read(): Promise<readonly GpuReading[]> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<readonly GpuReading[]> {
    if (this.#program === undefined) return [];
    try {
      const { stdout } = await promisify(execFile)(this.#program, QUERY, { timeout: TIMEOUT_MS });
      const readings = parseReadings(stdout);
      for (const { index, usedBytes, totalBytes, utilization } of readings) {
        this.#used.labels(index).set(usedBytes);
        this.#total.labels(index).set(totalBytes);
        if (utilization !== undefined) this.#utilization.labels(index).set(utilization);
      }
      return readings;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') this.#program = undefined;
      return [];
    }
  }
}
