import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * Child processes that run the given script. A process between fork and exec is left out, because it still shows its
 * parent's memory.
 * @source proc_pid_children(5)
 */
export function childrenRunning(script: string, pid: number): number[] {
  return childrenOf(pid).filter((child) => commandOf(child).includes(script));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/** Memory of a process and all its descendants, in bytes. */
export interface TreeMemory {
  /** Proportional set size: a page that processes share counts once in all. */
  readonly pss: number;
  /** Anonymous memory: what no file backs. */
  readonly own: number;
  /** `pss` by the script that a process runs. */
  readonly byCommand: ReadonlyMap<string, number>;
}

function scriptOf(pid: number): string {
  const script = commandOf(pid)
    .split('\0')
    .find((word) => word.endsWith('.js'));
  return script === undefined ? 'other' : basename(script, '.js');
}

/** @source proc_pid_smaps(5): smaps_rollup, in kibibytes */
export function memoryOfTree(pid: number): TreeMemory {
  const byCommand = new Map<string, number>();
  const sums = { pss: 0, own: 0 };
  const add = (each: number): void => {
    try {
      const rollup = readFileSync(`/proc/${each}/smaps_rollup`, 'utf8');
      const bytesOf = (key: string) =>
        1024 * Number(new RegExp(`^${key}: +(\\d+)`, 'm').exec(rollup)?.[1] ?? 0);
      const pss = bytesOf('Pss');
      sums.pss += pss;
      sums.own += bytesOf('Pss_Anon');
      const script = scriptOf(each);
      byCommand.set(script, (byCommand.get(script) ?? 0) + pss);
    } catch {
      // The process has ended.
    }
    for (const child of childrenOf(each)) add(child);
  };
  add(pid);
  return { ...sums, byCommand };
}

/** Processor time of a process so far. @source proc_pid_stat(5): utime and stime, in ticks of 10 ms on Linux */
export function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
