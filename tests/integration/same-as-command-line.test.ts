import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import { z } from 'zod';
import { fixtureImage, predictionOf } from '../support/answers.js';
import { startServer, testEnvironment } from '../support/running-server.js';

const lineSchema = z.object({
  predictions: z.array(z.object({ label: z.string(), probability: z.number() })),
});

/** Each of them may measure another one as the fastest. */
const PRECISION = { FOVEA_PRECISION: 'float32' };

t.test('the server’s probabilities are those of fovea predict', async (t) => {
  const names = ['cat-0000', 'ship-0001', 'frog-0000'];
  const files = names.map((name) => `tests/fixtures/images/${name}.jpg`);
  const env = testEnvironment(t, PRECISION);
  const command = ['dist/src/cli/main.js', 'predict', '--json', '--top-k', '10', ...files];
  const { stdout } = await promisify(execFile)(process.execPath, command, {
    env: { ...process.env, ...env },
  });
  const lines = stdout.trim().split('\n');
  const { url } = await startServer(t, PRECISION);
  for (const [index, name] of names.entries()) {
    const { predictions } = lineSchema.parse(JSON.parse(lines[index] ?? ''));
    const body = Uint8Array.from(await fixtureImage(name));
    const response = await fetch(`${url}/api/predict`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'image/jpeg' },
    });
    const answer = await predictionOf(response);
    t.equal(predictions.length, 10);
    for (const { label, probability } of predictions) {
      t.ok(
        Math.abs((answer.all_probabilities[label] ?? Number.NaN) - probability) < 1e-6,
        `${name}: ${label}`,
      );
    }
  }
});
