import { BoundedReport } from '../platform/bounded-report.js';
import { HandleReserve } from '../platform/handle-reserve.js';
import type { Deps } from './deps.js';

/** Handles that fronts need to close connections while no other handle is free. */
export function createHandleReserve({ log, lifecycle }: Deps): HandleReserve {
  const out = new BoundedReport({
    report: (error, checks) => log.error({ err: error, checks }, 'new connections are closed'),
  });
  const reserve = new HandleReserve({
    onOut: (error) => out.add(error),
    onFree: () => log.info('file handles are free again: connections are accepted'),
  });
  lifecycle.add({ name: 'file handles', close: () => reserve.close() });
  return reserve;
}
