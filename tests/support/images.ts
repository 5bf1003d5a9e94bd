import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

/** Test files, relative to the compiled file. */
export const FIXTURES = fileURLToPath(new URL('../../../tests/fixtures/', import.meta.url));
const FOLDER = join(FIXTURES, 'images');

/**
 * The 32 × 32 photographs of the repository, concatenated.
 * @returns uint8 `[images, 32, 32, 3]`
 */
export async function realPixels(): Promise<{ pixels: Uint8Array; images: number }> {
  const names = (await readdir(FOLDER)).filter((name) => /^[a-z]+-\d{4}\.jpg$/.test(name)).sort();
  const decoded = await Promise.all(
    names.map(async (name) =>
      sharp(await readFile(join(FOLDER, name)))
        .removeAlpha()
        .raw()
        .toBuffer(),
    ),
  );
  return { pixels: new Uint8Array(Buffer.concat(decoded)), images: names.length };
}
