import { constants } from 'node:os';

/** Status of a server whose configuration is wrong: a restart would not help.
 * @source sysexits.h, EX_CONFIG */
export const CONFIG_STATUS = 78;

/** @returns the status of a shell for a process that ended so */
export function statusOf(code: number | null, signal: NodeJS.Signals | null): number {
  return signal === null ? (code ?? 1) : 128 + constants.signals[signal];
}
