import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FoveaError } from '../../platform/errors.js';
import type { ImageSource, SourceImage, Split } from './dataset.js';

/**
 * @source https://www.cs.toronto.edu/~kriz/cifar.html for the order; the spelling is that of the old service's
 *   clients.
 */
const CIFAR10_LABELS = [
  'Airplane',
  'Automobile',
  'Bird',
  'Cat',
  'Deer',
  'Dog',
  'Frog',
  'Horse',
  'Ship',
  'Truck',
] as const;

const SIDE = 32;
const PLANE = SIDE * SIDE;
const RECORD_BYTES = 1 + 3 * PLANE;

/** Split of a file of CIFAR-10's binary version; undefined for other files. */
export function cifarSplitOf(fileName: string): Split | undefined {
  if (/^data_batch_[1-5]\.bin$/.test(fileName)) return 'train';
  return fileName === 'test_batch.bin' ? 'test' : undefined;
}

/** Converts planes of red, green and blue to `[32, 32, 3]`. */
function interleave(planes: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(3 * PLANE);
  for (let channel = 0; channel < 3; channel++) {
    for (let pixel = 0; pixel < PLANE; pixel++) {
      pixels[3 * pixel + channel] = planes[channel * PLANE + pixel] ?? 0;
    }
  }
  return pixels;
}

/**
 * Yields the records of one binary file. A record is a class byte and 3,072 pixel bytes.
 * @throws FoveaError `dataset_invalid` when the file is truncated or a class is unknown
 */
export function* cifarRecords(file: Uint8Array, fileName: string): Iterable<SourceImage> {
  const split = cifarSplitOf(fileName);
  if (split === undefined || file.length === 0 || file.length % RECORD_BYTES !== 0) {
    throw new FoveaError(
      'dataset_invalid',
      `${fileName} is not a complete file of CIFAR-10's binary version.`,
      {
        details: { file: fileName, bytes: file.length, record_bytes: RECORD_BYTES },
      },
    );
  }
  for (let start = 0; start < file.length; start += RECORD_BYTES) {
    const className = CIFAR10_LABELS[file[start] ?? CIFAR10_LABELS.length];
    if (className === undefined) {
      throw new FoveaError(
        'dataset_invalid',
        `${fileName} contains class ${file[start]}; CIFAR-10 has classes 0 to 9.`,
      );
    }
    yield { split, className, bytes: interleave(file.subarray(start + 1, start + RECORD_BYTES)) };
  }
}

/** Reads the folder that CIFAR-10's binary archive unpacks to. */
export function cifarBinarySource(folder: string): ImageSource {
  return {
    description: 'CIFAR-10, binary version: the original pixels',
    encoding: 'pixels',
    async *images(): AsyncIterable<SourceImage> {
      const names = (await readdir(folder)).filter((name) => cifarSplitOf(name) !== undefined).sort();
      for (const name of names) yield* cifarRecords(await readFile(join(folder, name)), name);
    },
  };
}
