import { readFile } from 'node:fs/promises';
import autocannon from 'autocannon';
import t from 'tap';
import { fixtureImage } from '../support/answers.js';
import { testEnvironment } from '../support/running-server.js';
import { startServerProcess } from '../support/server-process.js';

const PREDICTIONS = 5_000;
/** Some 140 are measured, and more beside other tests: V8 decides when garbage goes. */
const MAX_ANONYMOUS_MEGABYTES = 200;

/** @source proc_pid_status(5): RssAnon, in kibibytes */
async function anonymousMegabytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

t.test('a server that only predicts on a CPU stays below 200 MB of anonymous memory', async (t) => {
  const settings = { FOVEA_LOG_LEVEL: 'info', FOVEA_INSTANCES: '2', FOVEA_RATE_LIMIT_ENABLED: 'false' };
  const { child, url } = await startServerProcess(testEnvironment(t, settings));
  t.teardown(() => child.kill('SIGKILL'));
  const { non2xx, errors } = await autocannon({
    url: `${url}/api/predict`,
    method: 'POST',
    headers: { 'Content-Type': 'image/jpeg' },
    body: Buffer.from(await fixtureImage('cat-0000')),
    connections: 64,
    amount: PREDICTIONS,
  });
  t.strictSame({ non2xx, errors }, { non2xx: 0, errors: 0 });
  const megabytes = await anonymousMegabytes(child.pid);
  t.ok(megabytes < MAX_ANONYMOUS_MEGABYTES, `${megabytes.toFixed(0)} MB after ${PREDICTIONS} predictions`);
});
