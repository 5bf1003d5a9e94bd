import { readdirSync, readFileSync } from 'node:fs';

/** Processes that this one has started and that run the given script. One that has just been forked does not: until it
 * starts its program, its parent's memory counts as its own.
 * @source proc_pid_children(5) */
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
