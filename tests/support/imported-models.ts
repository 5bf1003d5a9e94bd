import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { digestsOf } from '../../src/models/repository/add-file.js';
import { imageInputSchema } from '../../src/models/repository/image-input.js';
import type { WrittenManifest } from '../../src/models/repository/manifest.js';
import type { ModelVersion } from '../../src/models/repository/model-version.js';
import { parseManifest } from '../../src/models/repository/parse-manifest.js';

/** What frameworks wrote: `make.py` says how. */
export const MODEL_FIXTURES = new URL('../../../tests/fixtures/models/', import.meta.url).pathname;

const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/** Of the fixtures that PyTorch wrote. */
export const TORCH_INPUT = imageInputSchema.parse({
  height: 32,
  width: 32,
  channels: 3,
  layout: 'nchw',
  scale: DEVIATION.map((deviation) => 1 / 255 / deviation),
  offset: MEAN.map((mean, channel) => -mean / (DEVIATION[channel] ?? 1)),
});

/** The image that `make.py` shows to the models. */
export function fixturePixels(rows = 1): Uint8Array {
  const size = 32 * 32 * 3;
  return Uint8Array.from({ length: rows * size }, (_, index) => ((index % size) * 37) % 251);
}

/** What the model's own framework answers for `fixturePixels`. */
export async function expectedOf(file: string): Promise<readonly number[]> {
  const text = await readFile(join(MODEL_FIXTURES, 'expected.json'), 'utf8');
  return z.record(z.string(), z.array(z.number())).parse(JSON.parse(text))[file] ?? [];
}

/** Lays fixtures into a folder as a version of four classes.
 * @param files of the fixtures, under the names that they get */
export async function layVersion(
  directory: string,
  files: Readonly<Record<string, string>>,
  more: Partial<WrittenManifest> = {},
): Promise<ModelVersion> {
  await mkdir(directory, { recursive: true });
  const contents: Record<string, Uint8Array> = {};
  for (const [name, fixture] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await copyFile(join(MODEL_FIXTURES, fixture), join(directory, name));
    contents[name] = await readFile(join(directory, name));
  }
  const manifest = parseManifest({
    format: 2,
    model: 'fixture',
    version: 1,
    created_at: '2026-01-01T00:00:00Z',
    description: 'For tests.',
    labels: ['a', 'b', 'c', 'd'],
    input: TORCH_INPUT,
    output: { activation: 'softmax' },
    files: digestsOf(contents),
    metrics: {},
    ...more,
  });
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
  return { model: manifest.model, version: manifest.version, directory, manifest };
}
