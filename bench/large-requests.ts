/* What a request of many photographs takes, and what one very large photograph does to the others. */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageInput } from '../src/models/repository/image-input.js';
import { decodeImage } from '../src/serving/decoding/decode.js';
import { putUnderLoad } from './load.js';
import { median } from './median.js';
import { photograph } from './photographs/photograph.js';

const LIMITS = { maxInputPixels: 100_000_000, timeoutSeconds: 60 };
/** Levels. */
const NOISE = 8;
/** Between two photographs of a client that sends no flood. */
const PAUSE_MS = 20;

/** A JPEG file of that width, with so much noise that 50 megapixels have 13 MB. */
async function photographOf(width: number): Promise<Buffer> {
  return (await photograph(width, NOISE)).jpeg({ quality: 90 }).toBuffer();
}

async function post(url: string, body: FormData | Uint8Array): Promise<number> {
  const headers = body instanceof FormData ? {} : { 'content-type': 'image/jpeg' };
  const startMs = performance.now();
  const response = await fetch(url, { method: 'POST', headers, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return performance.now() - startMs;
}

/** Seconds that all engines of the server have run. */
async function engineSeconds(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const sums = [...text.matchAll(/^fovea_inference_duration_seconds_sum\{.*\} (\S+)$/gm)];
  return sums.reduce((sum, [, value]) => sum + Number(value), 0);
}

async function decodeMs(photograph: Buffer, input: ImageInput): Promise<number> {
  const before = process.cpuUsage();
  await decodeImage(photograph, input, LIMITS);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

export interface BatchFigures {
  /** Medians. */
  readonly requestMs: number;
  /** Processor time of decoding all photographs, and of the engine, on all cores. */
  readonly computingMs: number;
  readonly ratio: number;
}

/** One request of `photographs` copies, beside what decoding and the engine take on all cores. */
export async function measureBatchRequest(
  url: string,
  input: ImageInput,
  { photographs, width, rounds }: { photographs: number; width: number; rounds: number },
): Promise<BatchFigures> {
  const photo = await photographOf(width);
  const form = new FormData();
  for (let index = 0; index < photographs; index++)
    form.append('files', new Blob([Uint8Array.from(photo)], { type: 'image/jpeg' }), `${index}.jpg`);
  const requests: number[] = [];
  const computing: number[] = [];
  // The first round is warm-up.
  for (let round = 0; round <= rounds; round++) {
    const before = await engineSeconds(url);
    const requestMs = await post(`${url}/api/predict/batch`, form);
    const engineMs = 1000 * ((await engineSeconds(url)) - before);
    const decodes: number[] = [];
    for (let index = 0; index < photographs; index++) decodes.push(await decodeMs(photo, input));
    if (round === 0) continue;
    requests.push(requestMs);
    computing.push((photographs * median(decodes) + engineMs) / availableParallelism());
  }
  const ratios = requests.map((requestMs, round) => requestMs / (computing[round] ?? Number.NaN));
  return { requestMs: median(requests), computingMs: median(computing), ratio: median(ratios) };
}

export interface DelayFigures {
  readonly quietP50Ms: number;
  readonly quietP95Ms: number;
  /** While one large photograph after another is decoded. */
  readonly besideP50Ms: number;
  readonly besideP95Ms: number;
  readonly largeMs: number;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export interface DelayOptions {
  /** Of the photographs whose latency is measured. */
  readonly width: number;
  readonly largeWidth: number;
  readonly rounds: number;
  readonly secondsARound: number;
}

/** Latencies of small photographs, alone and beside very large ones, in turn. Another process sends the large ones. */
export async function measureLargeImage(
  url: string,
  { width, largeWidth, rounds, secondsARound: seconds }: DelayOptions,
): Promise<DelayFigures> {
  const [small, body] = [await photographOf(width), await photographOf(largeWidth)];
  const predict = `${url}/api/predict`;
  const sendSmall = async (into: number[], until: Promise<unknown>): Promise<void> => {
    let isOver = false;
    void until.then(() => {
      isOver = true;
    });
    while (!isOver) {
      into.push(await post(predict, small));
      await sleep(PAUSE_MS);
    }
  };
  await sendSmall([], sleep(1000 * seconds));
  const [quiet, beside, larges]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    await sendSmall(quiet, sleep(1000 * seconds));
    const load = putUnderLoad({ url: predict, contentType: 'image/jpeg', body, connections: 1, seconds });
    await sendSmall(beside, load);
    const { p50Ms, failures } = await load;
    if (failures > 0) throw new Error(`${failures} large photographs failed.`);
    larges.push(p50Ms);
  }
  return {
    quietP50Ms: percentile(quiet, 0.5),
    quietP95Ms: percentile(quiet, 0.95),
    besideP50Ms: percentile(beside, 0.5),
    besideP95Ms: percentile(beside, 0.95),
    largeMs: median(larges),
  };
}
