/*
 * Processor time from a photograph to the input of a network, 224 × 224, bilinear: Fovea, sharp by itself, and Pillow's draft
 * mode where PYTHON names a Python that has Pillow. The photographs are one of the repository, enlarged, with noise so that the
 * files have the size that cameras write. Run: `PYTHON=python3 node dist/bench/photographs.bench.js`
 */
import './help.js';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import sharp, { type Sharp } from 'sharp';
import { imageInputSchema } from '../src/models/repository/image-input.js';
import { decodeImage } from '../src/serving/decoding/decode.js';
import { describeMachine } from './machine.js';
import { median } from './median.js';
import { photograph } from './photographs/photograph.js';

const SIDE = 224;
const ROUNDS = 7;
/** Decodes a round. */
const TIMES = { small: 20, large: 3 } as const;
const INPUT = imageInputSchema.parse({ height: SIDE, width: SIDE, channels: 3, scale: 1, offset: 0 });
const LIMITS = { maxInputPixels: 100_000_000, timeoutSeconds: 60 };
const PILLOW = fileURLToPath(new URL('../../bench/photographs/pillow.py', import.meta.url));

const CASES = [
  {
    name: '500 × 334 JPEG',
    width: 500,
    times: TIMES.small,
    encode: (image: Sharp) => image.jpeg({ quality: 90 }),
  },
  { name: '500 × 334 PNG', width: 500, times: TIMES.small, encode: (image: Sharp) => image.png() },
  {
    name: '500 × 334 WebP',
    width: 500,
    times: TIMES.small,
    encode: (image: Sharp) => image.webp({ quality: 90 }),
  },
  {
    name: '1920 × 1282 JPEG',
    width: 1920,
    times: TIMES.large,
    encode: (image: Sharp) => image.jpeg({ quality: 90 }),
  },
  { name: '1920 × 1282 PNG', width: 1920, times: TIMES.large, encode: (image: Sharp) => image.png() },
  {
    name: '1920 × 1282 WebP',
    width: 1920,
    times: TIMES.large,
    encode: (image: Sharp) => image.webp({ quality: 90 }),
  },
  {
    name: '4243 × 2833 JPEG',
    width: 4243,
    times: TIMES.large,
    encode: (image: Sharp) => image.jpeg({ quality: 90 }),
  },
  { name: '8660 × 5783 JPEG', width: 8660, times: 1, encode: (image: Sharp) => image.jpeg({ quality: 90 }) },
] as const;

/** ms of processor time, of all threads. */
async function measure(times: number, decode: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let index = 0; index < times; index++) await decode();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / times;
}

/** Pillow in a child process; undefined without PYTHON. */
function startPillow(): ((path: string, times: number) => Promise<number>) | undefined {
  const { PYTHON } = process.env;
  if (PYTHON === undefined) return undefined;
  const child = spawn(PYTHON, [PILLOW], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.unref();
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (path, times) => {
    child.stdin.write(`${SIDE} ${times} ${path}\n`);
    return Number((await lines.next()).value);
  };
}

const folder = await mkdtemp(join(tmpdir(), 'photographs-'));
const pillow = startPillow();
const row = (...cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`);
console.log(`${describeMachine()}\n\nms of processor time, median of ${ROUNDS} rounds in turn\n`);
row('photograph', 'file', 'Fovea', 'sharp', 'Pillow', 'Fovea / Pillow');
row('---', '---', '---', '---', '---', '---');
try {
  for (const { name, width, times, encode } of CASES) {
    const bytes = await encode(await photograph(width)).toBuffer();
    const path = join(folder, 'photograph');
    await writeFile(path, bytes);
    const file = await readFile(path);
    const decoders = {
      fovea: () => measure(times, () => decodeImage(file, INPUT, LIMITS)),
      sharp: () =>
        measure(times, () =>
          sharp(file, { sequentialRead: true })
            .resize(SIDE, SIDE, { fit: 'fill', kernel: 'linear' })
            .raw()
            .toBuffer(),
        ),
      pillow: async () => (await pillow?.(path, times)) ?? Number.NaN,
    };
    const took: Record<keyof typeof decoders, number[]> = { fovea: [], sharp: [], pillow: [] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const decoder of ['fovea', 'sharp', 'pillow'] as const)
        took[decoder].push(await decoders[decoder]());
    }
    const [fovea, bySharp, byPillow] = [median(took.fovea), median(took.sharp), median(took.pillow)];
    const shown = [fovea, bySharp, byPillow].map((ms) => (Number.isNaN(ms) ? '' : ms.toFixed(2)));
    const ratio = Number.isNaN(byPillow) ? '' : (fovea / byPillow).toFixed(2);
    row(name, `${(bytes.length / 1000).toFixed(0)} kB`, ...shown, ratio);
  }
} finally {
  await rm(folder, { recursive: true });
}
process.exit();
