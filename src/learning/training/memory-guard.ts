import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FoveaError } from '../../platform/errors.js';
import { anonymousBytes } from './process-memory.js';

const CGROUPS = '/sys/fs/cgroup';
/** Stops this much below the cgroup's limit, where the kernel kills. */
const RESERVE_BYTES = 16 * 2 ** 20;
/**
 * Shortest time between two readings, because the kernel sums a cgroup's statistics over all processors at each
 * reading.
 */
const CGROUP_INTERVAL_MS = 100;

function readNumber(path: string): number | undefined {
  try {
    const number = Number(readFileSync(path, 'utf8'));
    return Number.isFinite(number) ? number : undefined;
  } catch {
    return undefined;
  }
}

/** A cgroup with a memory limit. */
interface Cgroup {
  readonly limitBytes: number;
  /** Memory that the kernel cannot reclaim by writing it to a file. */
  anonymousBytes(): number;
}

/** @source https://docs.kernel.org/admin-guide/cgroup-v2.html and cgroup-v1/memory.html */
function findCgroup(): Cgroup | undefined {
  const groups = readFileSync('/proc/self/cgroup', 'utf8');
  const own = /^0::(.*)$/m.exec(groups)?.[1] ?? '/';
  const ownOfOld = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1] ?? '/';
  // In a container the path is either `/` or the path on the host, which does not exist inside.
  const places = [
    { folder: join(CGROUPS, own), limit: 'memory.max', key: 'anon' },
    { folder: CGROUPS, limit: 'memory.max', key: 'anon' },
    { folder: join(CGROUPS, 'memory', ownOfOld), limit: 'memory.limit_in_bytes', key: 'total_rss' },
    { folder: join(CGROUPS, 'memory'), limit: 'memory.limit_in_bytes', key: 'total_rss' },
  ];
  for (const { folder, limit, key } of places) {
    const limitBytes = readNumber(join(folder, limit));
    if (limitBytes === undefined) continue;
    const line = new RegExp(`^${key} (\\d+)$`, 'm');
    return {
      limitBytes,
      anonymousBytes: () => Number(line.exec(readFileSync(join(folder, 'memory.stat'), 'utf8'))?.[1] ?? 0),
    };
  }
  return undefined;
}

/** Ends a training before the kernel kills a process, which could be the server. */
export class MemoryGuard {
  readonly #maxBytes: number | null;
  readonly #cgroup = findCgroup();
  #nextLookMs = 0;

  /** @param maxBytes limit of this process's anonymous memory; null: none */
  constructor(maxBytes: number | null) {
    this.#maxBytes = maxBytes;
    this.check();
  }

  /** @throws FoveaError `out_of_memory` */
  check(): void {
    const usedBytes = this.#maxBytes === null ? 0 : (anonymousBytes('self') ?? 0);
    if (this.#maxBytes !== null && usedBytes > this.#maxBytes) {
      throw new FoveaError(
        'out_of_memory',
        `Training uses ${mebibytes(usedBytes)} of memory, more than FOVEA_TRAINING_MAX_MEMORY_BYTES (${mebibytes(this.#maxBytes)}). Raise the limit or lower micro_batch_size.`,
        { details: { used_bytes: usedBytes, limit_bytes: this.#maxBytes } },
      );
    }
    this.#checkCgroup();
  }

  #checkCgroup(): void {
    if (this.#cgroup === undefined || performance.now() < this.#nextLookMs) return;
    this.#nextLookMs = performance.now() + CGROUP_INTERVAL_MS;
    const { limitBytes } = this.#cgroup;
    const usedBytes = this.#cgroup.anonymousBytes();
    if (usedBytes + RESERVE_BYTES <= limitBytes) return;
    throw new FoveaError(
      'out_of_memory',
      `Server and training use ${mebibytes(usedBytes)} of the container's limit of ${mebibytes(limitBytes)}. Raise the limit or lower micro_batch_size.`,
      { details: { used_bytes: usedBytes, limit_bytes: limitBytes } },
    );
  }
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
