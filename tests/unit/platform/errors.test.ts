import t from 'tap';
import { FoveaError } from '../../../src/platform/errors.js';

function systemError(code: string, message = code): Error {
  return Object.assign(new Error(message), { code });
}

t.test('failures of the machine have codes of their own, whatever met them', async (t) => {
  const codes = {
    ENOSPC: 'disk_full',
    EDQUOT: 'disk_full',
    SQLITE_FULL: 'disk_full',
    EMFILE: 'out_of_file_handles',
    ENFILE: 'out_of_file_handles',
    ENOENT: 'internal',
  };
  for (const [system, code] of Object.entries(codes)) {
    const cause = systemError(system);
    t.match(FoveaError.from(cause), { code, cause }, system);
  }
  const worker = systemError('ERR_WORKER_INIT_FAILED', 'Worker initialization failure: EMFILE');
  t.equal(FoveaError.from(worker).code, 'out_of_file_handles');
  const known = new FoveaError('not_found', 'None.');
  t.equal(FoveaError.from(known), known);
});
