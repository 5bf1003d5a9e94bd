import { readFileSync } from 'node:fs';

/**
 * Anonymous memory of a process; undefined when the process has ended.
 * @source proc_pid_status(5): RssAnon, in kibibytes
 */
export function anonymousBytes(pid: number | 'self'): number | undefined {
  try {
    const [, kibibytes] = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
