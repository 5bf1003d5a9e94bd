import { readFile } from 'node:fs/promises';
import { loadEngine } from '../../src/models/engines/select.js';
import type { ModelVersion } from '../../src/models/repository/model-version.js';
import { median } from '../median.js';
import type { Measured } from './measured.js';

/** Runs a version in this process, as an inference thread of a server does whose other instances are idle.
 * @param pixels of some photographs
 * @param threads the most of a batch
 * @param rows of a batch, each the first photograph */
export async function measureEngine(
  version: ModelVersion,
  pixels: Uint8Array,
  {
    threads,
    seconds,
    rows = 1,
    precision = 'float32',
  }: {
    readonly threads: number;
    readonly seconds: number;
    readonly rows?: number;
    readonly precision?: 'float32' | 'int8';
  },
): Promise<Measured & { readonly engine: string }> {
  const choice = { engine: 'auto', device: 'cpu', precision } as const;
  const { engine } = await loadEngine(version, choice, {
    ...{ maxBatchSize: rows, threads: 1, threadsAlone: threads },
    golden: [],
  });
  engine.warmUp();
  const { input, labels } = version.manifest;
  const bytes = input.height * input.width * input.channels;
  const answers = Array.from({ length: pixels.length / bytes }, (_, row) => {
    const outputs = new Float32Array(labels.length);
    engine.run(pixels.subarray(row * bytes, (row + 1) * bytes), 1, outputs);
    return [...outputs];
  });
  const batch = Uint8Array.from({ length: rows * bytes }, (_, index) => pixels[index % bytes] ?? 0);
  const outputs = new Float32Array(rows * labels.length);
  const latenciesMs: number[] = [];
  for (const end = performance.now() + 1000 * seconds; performance.now() < end; ) {
    const start = performance.now();
    engine.run(batch, rows, outputs);
    latenciesMs.push(performance.now() - start);
  }
  const status = await readFile('/proc/self/status', 'utf8');
  return {
    engine: engine.name,
    answers,
    imagesPerSecond: (1000 * rows * latenciesMs.length) / latenciesMs.reduce((sum, ms) => sum + ms, 0),
    latencyMs: median(latenciesMs),
    memoryBytes: 1024 * Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]),
  };
}
