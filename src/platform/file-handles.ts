import { readFileSync } from 'node:fs';
import { FoveaError } from './errors.js';

/** With fewer handles Node cannot load the modules of the server. */
const MIN_FILE_HANDLES = 256;
/** Below it the handles, not the limits of the server, bound the number of connections. */
const FEW_FILE_HANDLES = 4096;

/** How many files and sockets this process may have open. Node raises the soft limit to the hard one at its start.
 * @returns undefined where the system does not say (no Linux) */
export function fileHandleLimit(): number | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

/** @throws FoveaError `config_invalid` when the server cannot start with this many handles */
export function requireFileHandles(limit: number | undefined): void {
  if (limit === undefined || limit >= MIN_FILE_HANDLES) return;
  throw new FoveaError(
    'config_invalid',
    `The limit of open files is ${limit}; the server needs ${MIN_FILE_HANDLES} or more (ulimit -n, LimitNOFILE).`,
  );
}

/** @returns a warning when connections may use up all handles */
export function fewFileHandles(limit: number | undefined): string[] {
  if (limit === undefined || limit >= FEW_FILE_HANDLES) return [];
  return [
    `The limit of open files is ${limit}, and each connection takes one: raise it to ${FEW_FILE_HANDLES} or more (ulimit -n, LimitNOFILE).`,
  ];
}
