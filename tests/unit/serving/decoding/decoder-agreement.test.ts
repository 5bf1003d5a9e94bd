import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import { loadEngine } from '../../../../src/models/engines/select.js';
import { resolveVersion } from '../../../../src/models/repository/resolve-version.js';
import { compareDecoders } from '../../../support/decoder-agreement.js';
import { FIXTURES } from '../../../support/images.js';

/* The same over all 10,000 test images: `bench/decoder-agreement.bench.ts`. */

const FOLDER = join(FIXTURES, 'images');

t.test('the shipped model sees the same class whichever decoder read the file', async (t) => {
  const version = await resolveVersion('models', { model: 'cifar10-cnn' });
  const { input, labels } = version.manifest;
  const { engine } = await loadEngine(
    version,
    { engine: 'auto', device: 'cpu', precision: 'float32' },
    { maxBatchSize: 1, threads: 1, golden: [] },
  );
  const jpegs = await Promise.all(
    (await readdir(FOLDER)).map(async (name) => ({
      bytes: await readFile(join(FOLDER, name)),
      label: labels.findIndex((label) => label.toLowerCase() === name.split('-')[0]),
    })),
  );
  const pngs = await Promise.all(
    jpegs.map(async ({ bytes, label }) => ({ bytes: await sharp(bytes).png().toBuffer(), label })),
  );
  const options = { engine, input, classes: labels.length };

  const ofJpegs = await compareDecoders(jpegs, options);
  t.match(ofJpegs, { images: 20, plain: 20, sameClass: 20 });
  t.ok(ofJpegs.largestDifference <= 5, `pixels differ by ${ofJpegs.largestDifference} of 255 at most`);
  t.equal(ofJpegs.rightWithPlain, ofJpegs.rightWithSharp);

  t.match(await compareDecoders(pngs, options), { plain: 20, identical: 20, largestDifference: 0 });
  engine.dispose();
});
