import { availableParallelism } from 'node:os';
import type { ModelVersion } from '../repository/model-version.js';
import { prepareProcess } from './prepare-process.js';
import type { EngineChoice } from './providers.js';
import { loadEngine } from './select.js';

/** How a model runs on this machine, alone in a process. */
export interface Tried {
  readonly engine: string;
  readonly device: string;
  readonly precision: string;
  /** One image at a time. */
  readonly imagesPerSecond: number;
  /** Of this process. */
  readonly memoryBytes: number;
  /** The reasons against the engines before it. */
  readonly passedOver: readonly string[];
}

const MEASURED_MS = 1000;

/** Loads a model as a server would, and predicts single images for a second.
 * @throws FoveaError `model_invalid`, `engine_unavailable` */
export async function tryModel(
  version: ModelVersion,
  { calibrationsDir, ...choice }: EngineChoice & { readonly calibrationsDir: string },
): Promise<Tried> {
  const threads = availableParallelism();
  prepareProcess(choice, threads);
  const options = { maxBatchSize: 1, threads, golden: [], calibrationsDir };
  const { engine, passedOver } = await loadEngine(version, choice, options);
  engine.warmUp();
  const { input, labels } = version.manifest;
  const pixels = new Uint8Array(input.height * input.width * input.channels).fill(128);
  const outputs = new Float32Array(labels.length);
  let images = 0;
  const start = performance.now();
  while (performance.now() - start < MEASURED_MS) {
    engine.run(pixels, 1, outputs);
    images++;
  }
  const imagesPerSecond = (1000 * images) / (performance.now() - start);
  const memoryBytes = process.memoryUsage.rss();
  const { name, device, precision } = engine;
  engine.dispose();
  return { engine: name, device, precision, imagesPerSecond, memoryBytes, passedOver };
}
