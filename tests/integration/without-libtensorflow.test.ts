import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { fixtureImage, predictionOf } from '../support/answers.js';
import { makeImageFolder } from '../support/image-folder.js';
import { operatorFetch } from '../support/operator.js';
import { testEnvironment } from '../support/running-server.js';
import { startServerProcess } from '../support/server-process.js';
import { installWithoutLibtensorflow } from '../support/without-libtensorflow.js';

/** Two tests share this installation. */
const bare = join(t.testdir(), 'installation');
const bareDist = await installWithoutLibtensorflow(bare);
await cp('package.json', join(bare, 'package.json'));

t.test(
  'without libtensorflow and native addon the server predicts on WASM, and says so loudly',
  async (t) => {
    const env = testEnvironment(t, { FOVEA_LOG_LEVEL: 'info' });
    const { child, url, log } = await startServerProcess(env, join(bareDist, 'src/main.js'));
    t.teardown(() => child.kill('SIGKILL'));

    const health = await (await fetch(`${url}/api/health`)).json();
    t.match(health, {
      status: 'healthy',
      engine: {
        name: 'wasm',
        device: 'cpu',
        passed_over: [/cudnn/, /tensorflow/, /native/, /onnxruntime/, /tensorflow/],
      },
    });
    const body = Uint8Array.from(await fixtureImage('cat-0000'));
    const headers = { 'Content-Type': 'image/jpeg' };
    const answer = await predictionOf(await fetch(`${url}/api/predict`, { method: 'POST', body, headers }));
    t.ok(answer.confidence > 0);
    t.ok(log.some(({ level, msg }) => level === 'warn' && /wasm engine/.test(msg)));
  },
);

/** Trains one epoch on next to nothing. */
async function train(t: Test, dist: string, data: string) {
  const command = [join(dist, 'src/cli/main.js'), 'train', '--data', data, '--epochs', '1'];
  const env = testEnvironment(t, { FOVEA_MODELS_DIR: join(t.testdirName, 'models') });
  // Only whether the addon builds is tested, so the compiler optimizes nothing.
  const built = { CXXFLAGS: '-O0' };
  return promisify(execFile)(process.execPath, command, { env: { ...process.env, ...env, ...built } });
}

t.test('without libtensorflow and set-up training refuses with the reason and the remedy', async (t) => {
  const data = await makeImageFolder(t.testdir());
  const stderr = /Training needs TensorFlow.*node setup\/setup\.mjs --tensorflow/s;
  await t.rejects(train(t, bareDist, data), { code: 1, stderr });
  t.notOk(existsSync(join(t.testdirName, 'models')), 'nothing was written');
});

t.test('the first training sets TensorFlow up by itself', async (t) => {
  const dist = await installWithoutLibtensorflow(join(t.testdir(), 'installation'), 'sources');
  const data = await makeImageFolder(join(t.testdirName, 'data'));
  const { stdout } = await train(t, dist, data);
  t.match(stdout, /setting up TensorFlow: Building the TensorFlow binding.*version 1 is in/s);
  const again = { code: 1, stdout: /^(?!.*setting up)/s, stderr: /nowhere/ };
  await t.rejects(train(t, dist, '/nowhere'), again, 'the next training finds it');
});

const statusSchema = z.looseObject({ is_retraining: z.boolean(), job: z.unknown() });

t.test('so does the first training over HTTP', async (t) => {
  const directory = join(t.testdir(), 'installation');
  const dist = await installWithoutLibtensorflow(directory, 'addon');
  await cp('package.json', join(directory, 'package.json'));
  const settings = {
    FOVEA_LOG_LEVEL: 'info',
    FOVEA_ENGINE: 'wasm',
    FOVEA_MODELS_READ_ONLY: 'true',
    FOVEA_TRAINING_DATA: await makeImageFolder(join(t.testdirName, 'data')),
  };
  const { child, url } = await startServerProcess(testEnvironment(t, settings), join(dist, 'src/main.js'));
  t.teardown(() => child.kill('SIGKILL'));
  const libtensorflow = join(directory, 'node_modules/@tensorflow/tfjs-node-gpu/deps/lib');
  t.notOk(existsSync(libtensorflow));
  const body = JSON.stringify({ epochs: 1 });
  const headers = { 'Content-Type': 'application/json' };
  t.equal((await operatorFetch(`${url}/api/retrain`, { method: 'POST', headers, body })).status, 202);
  const status = async () => statusSchema.parse(await (await fetch(`${url}/api/retrain/status`)).json());
  while ((await status()).is_retraining) await sleep(50);
  t.match((await status()).job, { state: 'succeeded', result: { version: 5 } });
  t.ok(existsSync(libtensorflow), 'found in the cache');
});
