/*
 * Compares Fovea's imports of nsfwjs' three models with nsfwjs itself, on photographs:
 *
 *   pip download --no-deps scikit-image==0.26.0 scikit-learn==1.8.0
 *   unzip -j scikit_image-*.whl skimage/data/{astronaut,chelsea,coffee}.png -d photos
 *   unzip -j scikit_learn-*.whl 'sklearn/datasets/images/*.jpg' -d photos
 *   node dist/bench/nsfwjs.bench.js photos
 *
 * nsfwjs runs on tfjs' WebAssembly backend, from its npm package. Fovea runs on the engine that it chooses. Writes
 * `bench/results/nsfwjs.md`.
 */
import './help.js';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

import tf = require('@tensorflow/tfjs');

import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import sharp from 'sharp';
import { z } from 'zod';
import { loadEngine } from '../src/models/engines/select.js';
import { IMPORT_LIMITS } from '../src/models/importing/import-limits.js';
import { inTemporaryVersion, readModel } from '../src/models/importing/import-model.js';
import { PACKAGED_MODELS, type PackagedModel } from '../src/models/importing/packages/catalogue.js';
import { downloadPackage } from '../src/models/importing/packages/download-package.js';
import { packagedFacts } from '../src/models/importing/packages/packaged-facts.js';
import { decodeImage } from '../src/serving/decoding/decode.js';

/** nsfwjs' name of each model. */
const MODELS = {
  nsfw: 'MobileNetV2',
  'nsfw-mid': 'MobileNetV2Mid',
  'nsfw-inception': 'InceptionV3',
} as const;
const LIMITS = { maxInputPixels: 1e8, timeoutSeconds: 60 };

/** Probabilities by label, for one photograph. */
type Answer = ReadonlyMap<string, number>;

interface NsfwModel {
  classify(image: tf.Tensor3D, topk: number): Promise<readonly { className: string; probability: number }[]>;
}

interface Nsfwjs {
  load(name: string): Promise<NsfwModel>;
}

const isNsfwjs = (value: unknown): value is Nsfwjs =>
  z.looseObject({ load: z.instanceof(Function) }).safeParse(value).success;

function packagedModel(name: string): PackagedModel {
  const found = PACKAGED_MODELS.find((model) => model.name === name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
}

/** Unpacks nsfwjs so that it finds our own tfjs. */
async function installNsfwjs(archive: Uint8Array, folder: string): Promise<Nsfwjs> {
  await writeFile(join(folder, 'nsfwjs.tgz'), archive);
  await promisify(execFile)('tar', ['xzf', 'nsfwjs.tgz'], { cwd: folder });
  const modules = createRequire(import.meta.url)
    .resolve('@tensorflow/tfjs/package.json')
    .replace(/@tensorflow.*/, '');
  await symlink(modules, join(folder, 'node_modules'));
  const loaded: unknown = createRequire(import.meta.url)(join(folder, 'package/dist/cjs/index.js'));
  if (!isNsfwjs(loaded)) throw new Error('nsfwjs exports no load.');
  return loaded;
}

async function askNsfwjs(nsfwjs: Nsfwjs, name: string, photos: readonly string[]): Promise<Answer[]> {
  const model = await nsfwjs.load(name);
  const answers: Answer[] = [];
  for (const photo of photos) {
    const { data, info } = await sharp(await readFile(photo))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const image = tf.tensor3d(Uint8Array.from(data), [info.height, info.width, 3], 'int32');
    const classes = await model.classify(image, 5);
    answers.push(new Map(classes.map(({ className, probability }) => [className, probability])));
    image.dispose();
  }
  return answers;
}

async function askFovea(
  folder: string,
  packaged: PackagedModel,
  archive: Uint8Array,
  photos: readonly string[],
) {
  const unpacked = join(folder, packaged.name);
  await mkdir(unpacked);
  await packaged.lay([archive], unpacked);
  const model = await readModel(unpacked, packagedFacts(packaged), IMPORT_LIMITS);
  return inTemporaryVersion(model, async (version) => {
    const choice = { engine: 'auto', device: 'cpu' } as const;
    const { engine } = await loadEngine(version, choice, {
      maxBatchSize: 1,
      threads: availableParallelism(),
      golden: [],
    });
    const { input, labels } = version.manifest;
    const outputs = new Float32Array(labels.length);
    const answers: Answer[] = [];
    for (const photo of photos) {
      engine.run((await decodeImage(await readFile(photo), input, LIMITS)).pixels, 1, outputs);
      answers.push(new Map(labels.map((label, index) => [label, outputs[index] ?? Number.NaN])));
    }
    const used = `${engine.name}, ${engine.precision}`;
    engine.dispose();
    return { engine: used, answers };
  });
}

const percent = (probability: number | undefined) => `${(100 * (probability ?? Number.NaN)).toFixed(2)} %`;

function rowsOf(
  name: string,
  engine: string,
  photos: readonly string[],
  theirs: Answer[],
  ours: Answer[],
): string[] {
  return photos.map((photo, index) => {
    const [their, our] = [
      theirs[index] ?? new Map<string, number>(),
      ours[index] ?? new Map<string, number>(),
    ];
    const [top = ''] = [...their].toSorted(([, a], [, b]) => b - a)[0] ?? [];
    const difference = Math.max(
      ...[...their].map(([label, value]) => Math.abs(value - (our.get(label) ?? Number.NaN))),
    );
    return `| ${name} | ${engine} | ${basename(photo)} | ${top} ${percent(their.get(top))} | ${percent(our.get(top))} | ${difference.toFixed(5)} |`;
  });
}

const [photoFolder = ''] = process.argv.slice(2);
const photos = (await readdir(photoFolder)).sort().map((file) => join(photoFolder, file));
const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
setWasmPaths(join(wasm, '..', 'wasm-out/'));
await tf.setBackend('wasm');
const folder = await mkdtemp(join(tmpdir(), 'fovea-nsfwjs-'));
try {
  const [pin] = packagedModel('nsfw').packages;
  if (pin === undefined) throw new Error('nsfw comes from a package.');
  const archive = await downloadPackage(pin, folder);
  const nsfwjs = await installNsfwjs(archive, folder);
  const rows: string[] = [];
  for (const [name, theirName] of Object.entries(MODELS)) {
    const theirs = await askNsfwjs(nsfwjs, theirName, photos);
    const { engine, answers } = await askFovea(folder, packagedModel(name), archive, photos);
    rows.push(...rowsOf(name, engine, photos, theirs, answers));
    console.error(`${name} done`);
  }
  const table = [
    '# nsfwjs’ models in nsfwjs and in Fovea',
    '',
    `The most probable class of ${pin.name} ${pin.version} on tfjs’ WebAssembly backend, Fovea’s probability of the same class, and the greatest`,
    `difference among the five classes; by \`bench/nsfwjs.bench.ts\` on ${new Date().toISOString().slice(0, 10)}.`,
    '',
    '| `fovea add` | Engine | Photograph | nsfwjs | Fovea | Greatest difference |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
  console.log(table);
  await writeFile(new URL('../../bench/results/nsfwjs.md', import.meta.url), table);
} finally {
  await rm(folder, { recursive: true, force: true });
}
