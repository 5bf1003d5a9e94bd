/*
 * Accuracy of a running server on labelled images, asked as a client would: POST /api/predict/batch.
 * Run: `node dist/bench/accuracy.bench.js <data> [http://localhost:5000]`; the data's `test` split is used.
 */
import './help.js';
import { z } from 'zod';
import { openSource } from '../src/learning/datasets/open.js';

const IMAGES_PER_REQUEST = 100;

const answerSchema = z.object({
  total_errors: z.number(),
  predictions: z.array(z.object({ index: z.number(), predicted_class: z.string() })),
});

const [, , data, server = 'http://localhost:5000'] = process.argv;
if (data === undefined) throw new Error('Name the data: a folder or an archive.');

interface Image {
  readonly className: string;
  readonly bytes: Uint8Array;
}

const totals = { images: 0, right: 0, errors: 0 };

async function ask(images: readonly Image[]): Promise<void> {
  const form = new FormData();
  for (const { bytes } of images) form.append('files', new Blob([Uint8Array.from(bytes)]), 'image');
  const response = await fetch(`${server}/api/predict/batch`, { method: 'POST', body: form });
  const { predictions, total_errors: errors } = answerSchema.parse(await response.json());
  totals.images += images.length;
  totals.errors += errors;
  for (const { index, predicted_class: answer } of predictions) {
    if (answer.toLowerCase() === images[index]?.className.toLowerCase()) totals.right++;
  }
}

const started = performance.now();
let waiting: Image[] = [];
const source = await openSource(data, { cacheDir: '.' });
for await (const image of source.images()) {
  if (image.split !== 'test') continue;
  waiting.push(image);
  if (waiting.length < IMAGES_PER_REQUEST) continue;
  await ask(waiting);
  waiting = [];
}
if (waiting.length > 0) await ask(waiting);
const seconds = (performance.now() - started) / 1000;
const accuracy = ((100 * totals.right) / totals.images).toFixed(2);
console.log(
  `${totals.images} images, ${totals.errors} errors, accuracy ${accuracy} %, ${seconds.toFixed(1)} s`,
);
