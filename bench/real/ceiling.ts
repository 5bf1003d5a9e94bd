import { availableParallelism } from 'node:os';
import type { ImageInput } from '../../src/models/repository/image-input.js';
import { decodeImage } from '../../src/serving/decoding/decode.js';
import { type Precision, rateOf } from './engines.js';
import { type Network, versionOf } from './folder.js';

/** Rows of a batch under load. */
const ROWS = 8;
const DECODE_SECONDS = 0.5;
const LIMITS = { maxInputPixels: 100_000_000, timeoutSeconds: 60 };

/** Requests/s that decoding each photograph and the engine would allow if they had all cores and nothing else ran: a request takes the
 * decoder's processor time, divided by the cores, and the engine's time for a row of a batch. */
export async function ceilingsOf(
  network: Network,
  photographs: readonly Buffer[],
  run: { readonly folder: string; readonly python: string; readonly precision: Precision },
): Promise<number[]> {
  const threads = availableParallelism();
  const rate = await rateOf('Fovea', network, { ...run, threads, rows: ROWS, seconds: 1, rounds: 1 });
  const { input } = (await versionOf(run.folder, network.model)).manifest;
  const ceilings: number[] = [];
  for (const photograph of photographs) {
    // The first decodes load sharp and compile.
    await decodeTime(photograph, input);
    ceilings.push(1 / ((await decodeTime(photograph, input)) / threads + 1 / rate));
  }
  return ceilings;
}

/** Seconds of processor time. */
async function decodeTime(photograph: Buffer, input: ImageInput): Promise<number> {
  const start = process.cpuUsage();
  let images = 0;
  for (const end = performance.now() + 1000 * DECODE_SECONDS; performance.now() < end; images++)
    (await decodeImage(photograph, input, LIMITS)).release?.();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6 / images;
}
