import { closeSync, openSync, readFileSync } from 'node:fs';
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

/** Handles for everything but connections: models, databases, files of requests, child processes. */
const OTHER_HANDLES = 192;

/** @returns how many of `wanted` connections this process can hold */
export function connectionsWithin(limit: number | undefined, wanted: number): number {
  return limit === undefined ? wanted : Math.min(wanted, limit - OTHER_HANDLES);
}

/** @returns a warning when connections may use up all handles */
export function fewFileHandles(limit: number | undefined): string[] {
  if (limit === undefined || limit >= FEW_FILE_HANDLES) return [];
  return [
    `The limit of open files is ${limit}, and each connection takes one: raise it to ${FEW_FILE_HANDLES} or more (ulimit -n, LimitNOFILE).`,
  ];
}

/** Without a free handle Node fails with errors such as "Cannot find package", which hide the reason.
 * @returns `out_of_file_handles` when no handle is free; else as `FoveaError.from` */
export function fromMaybeOutOfHandles(error: unknown): FoveaError {
  const known = FoveaError.from(error);
  if (known.code !== 'internal') return known;
  try {
    closeSync(openSync('/dev/null', 'r'));
    return known;
  } catch (reason) {
    const { code, message } = FoveaError.from(reason);
    return code === 'out_of_file_handles' ? new FoveaError(code, message, { cause: error }) : known;
  }
}
