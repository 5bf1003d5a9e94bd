import type { GpuReading } from './gpu-metrics.js';

interface Reading {
  readonly timeMs: number;
  readonly cpuMs: number;
}

/** Measures the process between two readings. */
export class UsageMeter {
  readonly #readGpus: () => Promise<readonly GpuReading[]>;
  #last: Reading;

  constructor(readGpus: () => Promise<readonly GpuReading[]>) {
    this.#readGpus = readGpus;
    this.#last = readNow();
  }

  /** @returns in the form of `/api/live`: `cpu_cores` is of the time since the reading before */
  async read() {
    const gpus = await this.#readGpus();
    const now = readNow();
    const elapsedMs = Math.max(1, now.timeMs - this.#last.timeMs);
    const cpu_cores = (now.cpuMs - this.#last.cpuMs) / elapsedMs;
    this.#last = now;
    return {
      cpu_cores,
      resident_bytes: process.memoryUsage.rss(),
      gpus: gpus.map(({ index, usedBytes, totalBytes, utilization }) => ({
        index,
        used_bytes: usedBytes,
        total_bytes: totalBytes,
        utilization: utilization ?? null,
      })),
    };
  }
}

function readNow(): Reading {
  const { user, system } = process.cpuUsage();
  return { timeMs: performance.now(), cpuMs: (user + system) / 1000 };
}
