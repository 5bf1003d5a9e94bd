import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import type { Config } from '../config/schema.js';
import type { ModelVersion } from '../contracts/model-version.js';
import type { Engine } from '../engines/engine.js';
import { loadEngine } from '../engines/select.js';
import { setTensorflowEnvironment } from '../pool/process-environment.js';
import { resolveVersion } from '../repository/resolve-version.js';
import { toInteger } from './arguments.js';

const ENGINES = ['auto', 'tensorflow', 'wasm'] as const;
const DEVICES = ['auto', 'cuda', 'cpu'] as const;

const schema = z.looseObject({
  model: z.string(),
  version: z.int().positive().optional(),
  engine: z.enum(ENGINES),
  device: z.enum(DEVICES),
});

export interface LoadedModel {
  readonly version: ModelVersion;
  readonly engine: Engine;
  readonly batchSize: number;
}

/** Adds the options that say which model runs on what; their defaults are the server's settings. */
export function withModelOptions(command: Command, config: Config): Command {
  return command
    .option('--model <name>', 'which model', config.repository.model)
    .option('--version <number>', 'which version (default: the newest)', toInteger)
    .addOption(
      new Option('--engine <name>', 'what executes it').choices(ENGINES).default(config.inference.engine),
    )
    .addOption(new Option('--device <name>', 'where').choices(DEVICES).default(config.inference.device));
}

/** Loads the model that the options name, for use in this process.
 * @throws FoveaError `not_found`, `model_invalid`, `engine_unavailable` */
export async function loadModel(config: Config, given: unknown): Promise<LoadedModel> {
  const { model, version: number, engine: name, device } = schema.parse(given);
  const batchSize = config.inference.maxBatchSize;
  const version = await resolveVersion(config.repository.modelsDir, { model, version: number });
  const threads = availableParallelism();
  setTensorflowEnvironment(device, threads);
  const { engine, passedOver } = await loadEngine(
    version,
    { engine: name, device },
    { maxBatchSize: batchSize, threads },
  );
  for (const reason of passedOver) console.error(`passed over: ${reason}`);
  return { version, engine, batchSize };
}
