import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { FoveaError } from '../../platform/errors.js';
import type { ImageSource, SourceImage, Split } from './dataset.js';

/** File name prefix of each split, as in MNIST and Fashion-MNIST. */
const PREFIXES: Readonly<Record<Split, string>> = { train: 'train', test: 't10k' };
const UNSIGNED_BYTES = 0x08;

/** True when the files are those of MNIST's format. */
export function isIdxFolder(files: readonly string[]): boolean {
  return files.some((file) => /^train-images-idx3-ubyte(\.gz)?$/.test(file));
}

interface IdxArray {
  readonly dimensions: readonly number[];
  /** Row-major. */
  readonly values: Uint8Array;
}

/**
 * @source http://yann.lecun.com/exdb/mnist/: magic number, big-endian dimensions, values
 * @throws FoveaError `dataset_invalid` when the file is truncated or its values are not unsigned bytes
 */
function parseIdx(file: Buffer, name: string, rank: number): IdxArray {
  const invalid = (why: string) => new FoveaError('dataset_invalid', `${name} is not an IDX file: ${why}.`);
  const headerBytes = 4 * (1 + rank);
  if (file.length < headerBytes) throw invalid('it is too short');
  if (file.readUInt32BE(0) !== UNSIGNED_BYTES * 256 + rank)
    throw invalid(`it does not start as ${rank} dimensions of unsigned bytes do`);
  const dimensions = Array.from({ length: rank }, (_, axis) => file.readUInt32BE(4 * (axis + 1)));
  const values = file.subarray(headerBytes);
  if (values.length !== dimensions.reduce((product, size) => product * size, 1))
    throw invalid(`it says [${dimensions.join(', ')}] and holds ${values.length} values`);
  return { dimensions, values };
}

/** Reads the file or its gzipped form; undefined when neither exists. */
async function readMaybeZipped(folder: string, name: string): Promise<Buffer | undefined> {
  const path = join(folder, name);
  const isThere = (candidate: string) =>
    access(candidate).then(
      () => true,
      () => false,
    );
  if (await isThere(path)) return readFile(path);
  if (!(await isThere(`${path}.gz`))) return undefined;
  try {
    return await promisify(gunzip)(await readFile(`${path}.gz`));
  } catch (cause) {
    throw new FoveaError('dataset_invalid', `${name}.gz is damaged or truncated.`, { cause });
  }
}

async function* imagesOf(folder: string, split: Split): AsyncIterable<SourceImage> {
  const names = [`${PREFIXES[split]}-images-idx3-ubyte`, `${PREFIXES[split]}-labels-idx1-ubyte`] as const;
  const [imageFile, labelFile] = [
    await readMaybeZipped(folder, names[0]),
    await readMaybeZipped(folder, names[1]),
  ];
  if (imageFile === undefined && labelFile === undefined) return;
  if (imageFile === undefined || labelFile === undefined) {
    throw new FoveaError('dataset_invalid', `The folder has only one of ${names.join(' and ')}.`);
  }
  const images = parseIdx(imageFile, names[0], 3);
  const labels = parseIdx(labelFile, names[1], 1);
  const [count, height = 0, width = 0] = images.dimensions;
  if (count !== labels.values.length) {
    throw new FoveaError('dataset_invalid', `${count} images have ${labels.values.length} labels.`);
  }
  const imageBytes = height * width;
  for (const [index, label] of labels.values.entries()) {
    const bytes = images.values.subarray(index * imageBytes, (index + 1) * imageBytes);
    yield { split, className: String(label), bytes };
  }
}

/** Reads a folder of IDX files, such as MNIST and Fashion-MNIST; class names are numbers. */
export function idxSource(folder: string): ImageSource {
  return {
    description: 'IDX files: the original pixels, one channel',
    encoding: 'pixels',
    async *images(): AsyncIterable<SourceImage> {
      yield* imagesOf(folder, 'train');
      yield* imagesOf(folder, 'test');
    },
  };
}
