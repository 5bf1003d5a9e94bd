/**
 * Waits until a server is ready, classifies a photograph, uploads labelled images, trains, and has the new version serve:
 *
 *     node deploy/exercise-server.mjs http://localhost:5000 state head
 *
 * The third argument is the part that is learned (`learn` of `POST /api/retrain`). Exits with 1 when anything differs from what it should be.
 */
import { strict as assert } from 'node:assert';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const [url = 'http://localhost:5000', state = 'state', learn = 'head'] = process.argv.slice(2);
const IMAGES = new URL('../tests/fixtures/images/', import.meta.url);
const READY_WITHIN_MS = 120_000;
const TRAINED_WITHIN_MS = 300_000;
const POLL_MS = 200;

/**
 * @param {string} path
 * @param {RequestInit} [init]
 */
async function ask(path, init) {
  const response = await fetch(`${url}${path}`, init);
  const text = await response.text();
  assert(response.ok, `${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/**
 * @template T
 * @param {number} limitMs
 * @param {() => Promise<T | undefined>} look
 * @returns {Promise<T>}
 */
async function until(limitMs, look) {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    assert(Date.now() < end, `not within ${limitMs} ms`);
    await sleep(POLL_MS);
  }
}

/** @type {unknown} */
let notReady;
const isReady = () =>
  ask('/api/health/ready').catch((error) => {
    notReady = error;
  });
await until(READY_WITHIN_MS, isReady).catch((error) => {
  throw new Error(`${url} is not ready: ${error.message}`, { cause: notReady });
});

const photograph = async (/** @type {string} */ name) => new Blob([await readFile(new URL(name, IMAGES))]);
const predict = async () => {
  const form = new FormData();
  form.set('file', await photograph('cat-0000.jpg'), 'cat.jpg');
  return ask('/api/predict', { method: 'POST', body: form });
};
const { predicted_class, confidence } = await predict();
assert.equal(predicted_class, 'Cat');
const { engine } = await ask('/api/health');
console.log(
  `Cat ${(confidence * 100).toFixed(1)} % on ${engine.name} (${engine.device}, ${engine.precision})`,
);

const token = (await readFile(`${state}/admin-token`, 'utf8')).trim();
const authorization = { authorization: `Bearer ${token}` };
const upload = new FormData();
for (const name of await readdir(IMAGES)) {
  upload.append('files', await photograph(name), name);
  upload.append('labels', name.split('-', 1)[0] ?? '');
}
upload.append('split', 'train');
await ask('/api/upload/training-data', { method: 'POST', headers: authorization, body: upload });

// The gate and the limit of the first epoch would refuse what a step with 20 images makes of the shipped version.
const settings = learn === 'head' ? {} : { epochs: 1, max_first_epoch_drop: 1 };
const order = { data: 'catalogue', learn, auto_activate: true, max_accuracy_drop: 1, ...settings };
await ask('/api/retrain', {
  method: 'POST',
  headers: { ...authorization, 'content-type': 'application/json' },
  body: JSON.stringify(order),
});
const { job } = await until(TRAINED_WITHIN_MS, async () => {
  const status = await ask('/api/retrain/status');
  return status.is_retraining ? undefined : status;
});
assert.equal(job.state, 'succeeded', JSON.stringify(job));
const { model_version } = await predict();
assert.equal(Number(model_version), job.result.version);
console.log(`trained ${learn}: version ${job.result.version} serves`);
