import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp, { type Sharp } from 'sharp';

const PHOTO = fileURLToPath(new URL('../../../tests/fixtures/pixels/landscape.jpg', import.meta.url));

/** The photograph of the repository, enlarged, with noise so that its files have the size that cameras write.
 * @param noise its standard deviation, in levels of 0 to 255 */
export async function photograph(width: number, noise = 2): Promise<Sharp> {
  const { data, info } = await sharp(await readFile(PHOTO))
    .resize(width, undefined, { kernel: 'lanczos3' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  for (let at = 0; at < data.length; at++) {
    // The sum of three random numbers is near enough to sensor noise; its standard deviation is a half.
    const difference = 2 * noise * (Math.random() + Math.random() + Math.random() - 1.5);
    data[at] = Math.max(0, Math.min(255, (data[at] ?? 0) + difference));
  }
  return sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } });
}
