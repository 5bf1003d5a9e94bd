import { readdirSync, readFileSync } from 'node:fs';

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
