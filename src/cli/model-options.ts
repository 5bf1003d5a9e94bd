import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { instanceThreadsOf, modelsDirsOf, precisionSettingsOf } from '../app/config/derived.js';
import type { Config } from '../app/config/schema.js';
import {
  DEVICES as DEVICE_NAMES,
  type Engine,
  PRECISIONS as PRECISION_NAMES,
} from '../models/engines/engine.js';
import { decidePrecision } from '../models/engines/precision/decide.js';
import { prepareProcess } from '../models/engines/prepare-process.js';
import { ENGINE_NAMES } from '../models/engines/providers.js';
import { loadEngine } from '../models/engines/select.js';
import type { ModelVersion } from '../models/repository/model-version.js';
import { resolveVersion } from '../models/repository/resolve-version.js';
import { readGolden } from '../serving/decoding/read-golden.js';
import { parseOptions, toInteger } from './arguments.js';

const ENGINES = ['auto', ...ENGINE_NAMES] as const;
const DEVICES = ['auto', ...DEVICE_NAMES] as const;
const PRECISIONS = ['auto', ...PRECISION_NAMES] as const;

const schema = z.looseObject({
  model: z.string(),
  version: z.int().positive().optional(),
  engine: z.enum(ENGINES),
  device: z.enum(DEVICES),
  precision: z.enum(PRECISIONS),
});

export interface LoadedModel {
  readonly version: ModelVersion;
  readonly engine: Engine;
  readonly batchSize: number;
}

/** Adds options for model, version, engine, device and precision; their defaults are the server's settings. */
export function withModelOptions(command: Command, config: Config): Command {
  return command
    .option('--model <name>', 'model', config.repository.model)
    .option('--version <number>', 'version (default: the newest)', toInteger)
    .addOption(new Option('--engine <name>', 'engine').choices(ENGINES).default(config.inference.engine))
    .addOption(new Option('--device <name>', 'device').choices(DEVICES).default(config.inference.device))
    .addOption(
      new Option('--precision <name>', 'number format')
        .choices(PRECISIONS)
        .default(config.inference.precision),
    );
}

/** Loads the model that the options name, for use in this process.
 * @throws FoveaError `not_found`, `model_invalid`, `engine_unavailable` */
export async function loadModel(config: Config, given: unknown): Promise<LoadedModel> {
  const { model, version: number, ...choice } = parseOptions(schema, given);
  const { maxBatchSize } = config.inference;
  const version = await resolveVersion(modelsDirsOf(config), { model, version: number });
  const threads = availableParallelism();
  prepareProcess(choice, threads);
  const golden = await readGolden(version);
  const settings = precisionSettingsOf(config);
  // A server would decide with the threads of one instance.
  const served = { ...settings, threads: instanceThreadsOf(config), maxBatchSize, golden };
  const { engine, passedOver } = await loadEngine(version, choice, {
    maxBatchSize,
    threads,
    calibrationsDir: settings.calibrationsDir,
    golden,
    decided: await decidePrecision(version, choice, served),
  });
  for (const reason of passedOver) console.error(`engine passed over: ${reason}`);
  return { version, engine, batchSize: maxBatchSize };
}
