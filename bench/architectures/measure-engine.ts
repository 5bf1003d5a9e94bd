import { readFile } from 'node:fs/promises';
import { loadEngine } from '../../src/models/engines/select.js';
import type { ModelVersion } from '../../src/models/repository/model-version.js';
import { median } from '../median.js';
import type { Measured } from './measured.js';

/** Runs a version in this process, as an inference thread of a server does.
 * @param pixels of some photographs */
export async function measureEngine(
  version: ModelVersion,
  pixels: Uint8Array,
  { threads, seconds }: { readonly threads: number; readonly seconds: number },
): Promise<Measured & { readonly engine: string }> {
  const choice = { engine: 'auto', device: 'cpu', precision: 'float32' } as const;
  const { engine } = await loadEngine(version, choice, { maxBatchSize: 1, threads, golden: [] });
  engine.warmUp();
  const { input, labels } = version.manifest;
  const bytes = input.height * input.width * input.channels;
  const answers = Array.from({ length: pixels.length / bytes }, (_, row) => {
    const outputs = new Float32Array(labels.length);
    engine.run(pixels.subarray(row * bytes, (row + 1) * bytes), 1, outputs);
    return [...outputs];
  });
  const outputs = new Float32Array(labels.length);
  const latenciesMs: number[] = [];
  for (const end = performance.now() + 1000 * seconds; performance.now() < end; ) {
    const start = performance.now();
    engine.run(pixels.subarray(0, bytes), 1, outputs);
    latenciesMs.push(performance.now() - start);
  }
  const status = await readFile('/proc/self/status', 'utf8');
  return {
    engine: engine.name,
    answers,
    imagesPerSecond: (1000 * latenciesMs.length) / latenciesMs.reduce((sum, ms) => sum + ms, 0),
    latencyMs: median(latenciesMs),
    memoryBytes: 1024 * Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]),
  };
}
