import { readdir } from 'node:fs/promises';
import sharp from 'sharp';
import t from 'tap';
import { fixtureImage, predictionOf } from '../support/answers.js';
import { startServer } from '../support/running-server.js';

const REQUESTS = 500;

/** Batches of other sizes add up in another order. */
const TOLERANCE = 1e-4;

function isNear(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  return Object.entries(a).every(([name, value]) => Math.abs(value - (b[name] ?? Number.NaN)) <= TOLERANCE);
}

t.test('of 500 concurrent requests with 40 images, every answer belongs to its image', async (t) => {
  const { url } = await startServer(t, { FOVEA_INSTANCES: '2', FOVEA_MAX_BATCH_SIZE: '16' });
  const names = (await readdir('tests/fixtures/images')).filter((name) => name.endsWith('.jpg'));
  const originals = await Promise.all(names.map((name) => fixtureImage(name.replace('.jpg', ''))));
  const mirrored = await Promise.all(originals.map((image) => sharp(image).flop().png().toBuffer()));
  const images = [...originals, ...mirrored].slice(0, 40);
  t.equal(images.length, 40);
  const predict = async (image: Buffer): Promise<Record<string, number>> => {
    const options = {
      method: 'POST',
      body: Uint8Array.from(image),
      headers: { 'Content-Type': 'image/jpeg' },
    };
    return (await predictionOf(await fetch(`${url}/api/predict`, options))).all_probabilities;
  };

  const expected: Record<string, number>[] = [];
  for (const image of images) expected.push(await predict(image));
  const doubles = expected.filter(
    (answer, index) => expected.findIndex((other) => isNear(answer, other)) < index,
  );
  t.ok(doubles.length <= 2, 'the images are told apart by their answers');

  const wanted = Array.from({ length: REQUESTS }, (_, index) => (index * 7) % images.length);
  const answers = await Promise.all(wanted.map((image) => predict(images[image] ?? Buffer.alloc(0))));
  const wrong = answers.filter((answer, index) => !isNear(answer, expected[wanted[index] ?? 0] ?? {}));
  t.equal(wrong.length, 0);
});
