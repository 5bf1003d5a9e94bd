import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { resolveVersion } from '../../src/repository/resolve-version.js';
import { fixtureImage, predictionOf } from '../support/answers.js';
import { FIXTURES } from '../support/images.js';
import { startServer } from '../support/running-server.js';

t.test(
  'the shipped model recognises the sample images: at most two of the twenty are mistaken',
  async (t) => {
    const { url } = await startServer(t);
    const names = (await readdir(join(FIXTURES, 'images'))).map((file) => file.replace('.jpg', ''));
    const mistaken: string[] = [];
    for (const name of names) {
      const body = Uint8Array.from(await fixtureImage(name));
      const headers = { 'Content-Type': 'image/jpeg' };
      const answer = await predictionOf(await fetch(`${url}/api/predict`, { method: 'POST', body, headers }));
      if (answer.predicted_class.toLowerCase() !== name.split('-')[0]) mistaken.push(name);
    }
    t.equal(names.length, 20);
    t.ok(mistaken.length <= 2, `mistaken: ${mistaken.join(', ')}`);
  },
);

t.test('the shipped version was right on at least 88 % of the 10,000 test images', async (t) => {
  const { manifest } = await resolveVersion('models', { model: 'cifar10-cnn' });
  t.equal(manifest.metrics.test?.images, 10_000);
  t.ok((manifest.metrics.test?.accuracy ?? 0) >= 0.88);
});
