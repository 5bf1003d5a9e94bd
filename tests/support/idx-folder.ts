import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of MNIST's format. */
export function idxFile(dimensions: readonly number[], values: Iterable<number>): Buffer {
  const header = Buffer.alloc(4 * (1 + dimensions.length));
  header.writeUInt32BE(0x0800 + dimensions.length, 0);
  dimensions.forEach((size, axis) => {
    header.writeUInt32BE(size, 4 * (axis + 1));
  });
  return Buffer.concat([header, Uint8Array.from(values)]);
}

export interface IdxImages {
  readonly height: number;
  readonly width: number;
  /** One label per image; the same images are training and test. */
  readonly labels: readonly number[];
}

/**
 * Writes images in MNIST's format; the pixels of image n count up from 10 n.
 * @returns the folder
 */
export async function makeIdxFolder(folder: string, { height, width, labels }: IdxImages): Promise<string> {
  await mkdir(folder, { recursive: true });
  const pixels = labels.flatMap((_, image) =>
    Array.from({ length: height * width }, (_, pixel) => (10 * image + pixel) % 256),
  );
  for (const prefix of ['train', 't10k']) {
    const images = idxFile([labels.length, height, width], pixels);
    await writeFile(join(folder, `${prefix}-images-idx3-ubyte`), images);
    await writeFile(join(folder, `${prefix}-labels-idx1-ubyte`), idxFile([labels.length], labels));
  }
  return folder;
}
