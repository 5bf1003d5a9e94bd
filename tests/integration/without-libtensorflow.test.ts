import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { fixtureImage, predictionOf } from '../support/answers.js';
import { makeImageFolder } from '../support/image-folder.js';
import { testEnvironment } from '../support/running-server.js';
import { startServerProcess } from '../support/server-process.js';
import { installWithoutLibtensorflow } from '../support/without-libtensorflow.js';

t.test(
  'without libtensorflow and native addon the server predicts on WASM, and says so loudly',
  async (t) => {
    const env = testEnvironment(t, { FOVEA_LOG_LEVEL: 'info' });
    const directory = join(t.testdir(), 'installation');
    const dist = await installWithoutLibtensorflow(directory);
    await cp('package.json', join(directory, 'package.json'));
    const { child, url, log } = await startServerProcess(env, join(dist, 'src/main.js'));
    t.teardown(() => child.kill('SIGKILL'));

    const health = await (await fetch(`${url}/api/health`)).json();
    t.match(health, {
      status: 'healthy',
      engine: { name: 'wasm', device: 'cpu', passed_over: [/tensorflow/, /native/, /tensorflow/] },
    });
    const body = Uint8Array.from(await fixtureImage('cat-0000'));
    const headers = { 'Content-Type': 'image/jpeg' };
    const answer = await predictionOf(await fetch(`${url}/api/predict`, { method: 'POST', body, headers }));
    t.ok(answer.confidence > 0);
    t.ok(log.some(({ level, msg }) => level === 'warn' && /WASM/.test(msg)));
  },
);

t.test('without libtensorflow training refuses with the reason and the remedy', async (t) => {
  const directory = join(t.testdir(), 'installation');
  const dist = await installWithoutLibtensorflow(directory);
  const data = await makeImageFolder(join(t.testdirName, 'data'));
  const command = [join(dist, 'src/cli/main.js'), 'train', '--data', data, '--epochs', '1'];
  const training = promisify(execFile)(process.execPath, command, {
    env: { ...process.env, ...testEnvironment(t, { FOVEA_MODELS_DIR: join(t.testdirName, 'models') }) },
  });
  await t.rejects(training, { code: 1, stderr: /Training needs TensorFlow.*npm start/s });
  t.notOk(existsSync(join(t.testdirName, 'models')), 'nothing was written');
});
