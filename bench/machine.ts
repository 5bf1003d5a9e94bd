import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';

/** Describes processor, cores, Node version and commit. */
export function describeMachine(): string {
  const commit = execFileSync('git', ['describe', '--always', '--dirty']).toString().trim();
  const [cpu] = cpus();
  return `${cpu?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}, commit ${commit}`;
}
