import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ValueRunner } from '../../src/models/engines/native/value-runner.js';
import { openModel } from '../../src/models/formats/open-model.js';
import { trunkOf } from '../../src/models/plan/trunk.js';
import type { ImageInput } from '../../src/models/repository/image-input.js';
import { resolveVersion } from '../../src/models/repository/resolve-version.js';
import { decodeImage } from '../../src/serving/decoding/decode.js';

const LIMITS = { maxInputPixels: 1_000_000, timeoutSeconds: 60 };

/** Images of a data set with a folder per class, one of each class in turn. */
export interface Selection {
  readonly folder: string;
  readonly perClass: number;
  readonly isMirrored: boolean;
}

/** All PNG files of one folder, by name. */
interface PlainSelection {
  readonly folder: string;
}

function pathsOf(selection: Selection | PlainSelection): string[] {
  if ('perClass' in selection) return imagesOf(selection).map(({ path }) => path);
  const names = readdirSync(selection.folder).filter((name) => name.endsWith('.png'));
  return names.sort().map((name) => join(selection.folder, name));
}

/** Class numbers and paths of the images. */
export function imagesOf({ folder, perClass }: Selection): { classIndex: number; path: string }[] {
  const classes = readdirSync(folder).sort();
  const names = classes.map((name) => readdirSync(join(folder, name)).sort());
  return Array.from({ length: perClass }, (_, place) =>
    names.map((files, classIndex) => ({
      classIndex,
      path: join(folder, classes[classIndex] ?? '', files[place] ?? ''),
    })),
  ).flat();
}

function mirror(pixels: Uint8Array, { width, channels }: ImageInput): Uint8Array {
  const out = new Uint8Array(pixels.length);
  const rowBytes = width * channels;
  for (let at = 0; at < pixels.length; at += channels) {
    const column = (at % rowBytes) / channels;
    const from = at - column * channels + (width - 1 - column) * channels;
    out.set(pixels.subarray(from, from + channels), at);
  }
  return out;
}

/**
 * Appends features to a file until all images have them or the time is over; a further call goes on.
 * @returns whether the file is complete
 */
export async function addFeatures(
  file: string,
  selection: Selection | PlainSelection,
  { models, seconds }: { readonly models: string; readonly seconds: number },
): Promise<boolean> {
  mkdirSync(join(file, '..'), { recursive: true });
  const version = await resolveVersion(models, { model: 'imagenet' });
  const compiled = await (await openModel(version)).plan();
  if (!('plan' in compiled)) throw new Error('The model has no plan.');
  const trunk = trunkOf(compiled.plan);
  const { input } = version.manifest;
  const runner = new ValueRunner(trunk, input, 1);
  const paths = pathsOf(selection);
  const isMirrored = 'isMirrored' in selection && selection.isMirrored;
  const rowBytes = 4 * trunk.classes;
  let done = (statSync(file, { throwIfNoEntry: false })?.size ?? 0) / rowBytes;
  const end = performance.now() + 1000 * seconds;
  while (done < paths.length && performance.now() < end) {
    const portion = paths.slice(done, done + runner.portionRows);
    const decoded = await Promise.all(
      portion.map(async (path) => (await decodeImage(readFileSync(path), input, LIMITS)).pixels),
    );
    const pixels = Buffer.concat(isMirrored ? decoded.map((each) => mirror(each, input)) : decoded);
    const out = new Float32Array(portion.length * trunk.classes);
    runner.run(pixels, portion.length, out);
    appendFileSync(file, new Uint8Array(out.buffer));
    done += portion.length;
  }
  runner.dispose();
  return done >= paths.length;
}
