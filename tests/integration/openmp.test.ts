import t, { type Test } from 'tap';
import { openAddon } from '../../native/index.js';
import { testEnvironment } from '../support/running-server.js';
import { startServerProcess } from '../support/server-process.js';

const skip = 'failure' in openAddon() && 'the native engine is not built here';

/** How often an idle thread of the server's OpenMP looks for work before it sleeps, as the library itself tells.
 * @source https://gcc.gnu.org/onlinedocs/libgomp/OMP_005fDISPLAY_005fENV.html */
async function spinsOf(test: Test, env: Readonly<Record<string, string>>): Promise<string | undefined> {
  const asks = { FOVEA_LOG_LEVEL: 'info', FOVEA_INSTANCES: '1', OMP_DISPLAY_ENV: 'VERBOSE' };
  const { child, stderr } = await startServerProcess(testEnvironment(test, { ...asks, ...env }));
  child.kill('SIGKILL');
  return /GOMP_SPINCOUNT = '(\d+)'/.exec(stderr())?.[1];
}

for (const engine of ['auto', 'native']) {
  t.test(`with FOVEA_ENGINE=${engine} idle OpenMP threads look for work briefly`, { skip }, async (t) => {
    t.equal(await spinsOf(t, { FOVEA_ENGINE: engine, FOVEA_DEVICE: 'cpu' }), '10000');
  });
}

t.test('what an operator sets for OpenMP stays', { skip }, async (t) => {
  t.equal(await spinsOf(t, { FOVEA_DEVICE: 'cpu', GOMP_SPINCOUNT: '77' }), '77');
});
