import { availableParallelism } from 'node:os';
import { decodeImage } from '../../src/serving/decoding/decode.js';
import { type Precision, rateOf } from './engines.js';
import { type Network, versionOf } from './folder.js';

/** Rows of a batch under load. */
const ROWS = 8;
const DECODE_SECONDS = 0.5;
const LIMITS = { maxInputPixels: 100_000_000, timeoutSeconds: 60 };

/** Requests/s that decoding and the engine would allow if they had all cores and nothing else ran: each request takes the decoder's
 * processor time, divided by the cores, and the engine's time for a row of a batch. */
export async function ceilingOf(
  network: Network,
  photograph: Buffer,
  {
    folder,
    python,
    precision,
  }: { readonly folder: string; readonly python: string; readonly precision: Precision },
): Promise<number> {
  const threads = availableParallelism();
  const rate = await rateOf('Fovea', network, {
    folder,
    python,
    precision,
    threads,
    rows: ROWS,
    seconds: 1,
    rounds: 1,
  });
  const { manifest } = await versionOf(folder, network.model);
  const start = process.cpuUsage();
  let images = 0;
  for (const end = performance.now() + 1000 * DECODE_SECONDS; performance.now() < end; images++)
    await decodeImage(photograph, manifest.input, LIMITS);
  const { user, system } = process.cpuUsage(start);
  return 1 / ((user + system) / 1e6 / images / threads + 1 / rate);
}
