/*
 * Microseconds to decode one 32 × 32 image of the repository: sharp against the decoder for small plain files, by
 * format. Run: `node dist/bench/decode.bench.js`
 */
import './help.js';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { type ImageInput, stretchedInput } from '../src/models/repository/image-input.js';
import { decodePlain } from '../src/serving/decoding/plain-decoder.js';
import { decodeWithSharp } from '../src/serving/decoding/sharp-decoder.js';
import { describeMachine } from './machine.js';

const INPUT: ImageInput = stretchedInput({ height: 32, width: 32, channels: 3 }, 1, 0);
const LIMITS = { maxInputPixels: 1_000_000, timeoutSeconds: 10 };
const FOLDER = fileURLToPath(new URL('../../tests/fixtures/images/', import.meta.url));
const ROUNDS = 30;

/** Median over the rounds, in µs per image. */
async function measure(
  files: readonly Buffer[],
  decode: (bytes: Buffer) => Promise<unknown> | unknown,
): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    for (const bytes of files) await decode(bytes);
    times.push((1000 * (performance.now() - started)) / files.length);
  }
  return times.sort((a, b) => a - b)[ROUNDS / 2] ?? Number.NaN;
}

const jpegs = await Promise.all((await readdir(FOLDER)).map((name) => readFile(join(FOLDER, name))));
const pngs = await Promise.all(jpegs.map((bytes) => sharp(bytes).png().toBuffer()));

console.log(
  `${describeMachine()}\n${jpegs.length} images of 32 × 32, one after another, median of ${ROUNDS} rounds\n`,
);
for (const [format, files] of [
  ['jpeg', jpegs],
  ['png', pngs],
] as const) {
  const slow = await measure(files, (bytes) => decodeWithSharp({ bytes }, INPUT, LIMITS));
  const fast = await measure(files, (bytes) => decodePlain(bytes, INPUT)?.pixels);
  console.log(
    `${format.padEnd(6)} sharp ${slow.toFixed(0).padStart(5)} µs   plain ${fast.toFixed(0).padStart(4)} µs   ${(slow / fast).toFixed(0)} times`,
  );
}
