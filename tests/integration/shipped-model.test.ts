import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openAddon } from '../../native/index.js';
import { PRECISIONS, type Precision } from '../../src/models/engines/engine.js';
import { resolveVersion } from '../../src/models/repository/resolve-version.js';
import { fixtureImage, predictionOf } from '../support/answers.js';
import { FIXTURES } from '../support/images.js';
import { startServer } from '../support/running-server.js';

const opened = openAddon();
if ('failure' in opened) throw opened.failure;
const { hasBfloat16, hasInt8 } = opened.addon;
const CAN_COMPUTE: Readonly<Record<Precision, boolean>> = {
  float32: true,
  float16: false,
  bfloat16: hasBfloat16,
  int8: hasInt8,
};

for (const precision of PRECISIONS) {
  const skip = !CAN_COMPUTE[precision] && `this processor does not compute in ${precision}`;
  t.test(
    `in ${precision} the shipped model mistakes at most two of 20 sample images`,
    { skip },
    async (t) => {
      const { url } = await startServer(t, { FOVEA_PRECISION: precision });
      t.match(await (await fetch(`${url}/api/health`)).json(), { engine: { name: 'native', precision } });
      const names = (await readdir(join(FIXTURES, 'images'))).map((file) => file.replace('.jpg', ''));
      const mistaken: string[] = [];
      for (const name of names) {
        const body = Uint8Array.from(await fixtureImage(name));
        const headers = { 'Content-Type': 'image/jpeg' };
        const answer = await predictionOf(
          await fetch(`${url}/api/predict`, { method: 'POST', body, headers }),
        );
        if (answer.predicted_class.toLowerCase() !== name.split('-')[0]) mistaken.push(name);
      }
      t.equal(names.length, 20);
      t.ok(mistaken.length <= 2, `mistaken: ${mistaken.join(', ')}`);
    },
  );
}

t.test('the shipped version was right on at least 88 % of the 10,000 test images', async (t) => {
  const { manifest } = await resolveVersion('models', { model: 'cifar10-cnn' });
  t.equal(manifest.metrics.test?.images, 10_000);
  t.ok((manifest.metrics.test?.accuracy ?? 0) >= 0.88);
});
