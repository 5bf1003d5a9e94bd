import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { z } from 'zod';
import { calibrationsDirOf, modelsDirsOf } from '../app/config/derived.js';
import type { Config } from '../app/config/schema.js';
import { prepareProcess } from '../models/engines/prepare-process.js';
import { loadEngine } from '../models/engines/select.js';
import type { Facts } from '../models/importing/facts.js';
import { IMPORT_LIMITS } from '../models/importing/import-limits.js';
import { inTemporaryVersion, type ReadModel, readModel } from '../models/importing/import-model.js';
import { findWritable } from '../models/repository/find-writable.js';
import type { ModelVersion } from '../models/repository/model-version.js';
import { writeVersion } from '../models/repository/write-version.js';
import { factsOf, withFactOptions } from './import-options.js';
import { setUpEngine } from './set-up-engine.js';

const optionsSchema = z.looseObject({ dryRun: z.boolean().default(false), json: z.boolean().default(false) });

/** How a model runs on this machine. */
interface Measured {
  readonly engine: string;
  readonly device: string;
  readonly precision: string;
  readonly imagesPerSecond: number;
  readonly megabytes: number;
  readonly passedOver: readonly string[];
}

const MEASURED_MS = 1000;

/** Reads, tries and writes a model.
 * @param facts values of the command's flags; the model's files add theirs */
export async function importFrom(
  config: Config,
  path: string,
  facts: Facts,
  { dryRun, json = false }: { readonly dryRun: boolean; readonly json?: boolean },
): Promise<void> {
  const model = await readModel(path, facts, IMPORT_LIMITS);
  if (model.planProblem !== null) await setUpEngine(model.format, (line) => console.error(line));
  const measured = await inTemporaryVersion(model, (version) => measure(config, version));
  const place = dryRun ? null : await write(config, model);
  if (json) {
    console.log(
      JSON.stringify({
        model: model.draft.model,
        version: place?.version ?? null,
        kind: model.kind,
        facts: facts.rows(),
        ...measured,
      }),
    );
    return;
  }
  console.log(report(model, facts, measured));
  console.log(
    place === null
      ? '\nA dry run: nothing was written.'
      : `\n${model.draft.model} version ${place.version}: ${place.directory}`,
  );
}

async function run(config: Config, path: string, given: unknown): Promise<void> {
  await importFrom(config, path, await factsOf(given), optionsSchema.parse(given));
}

/** Loads the model as a server would, and predicts single images for a second. */
async function measure(config: Config, version: ModelVersion): Promise<Measured> {
  const { engine: wanted, device, precision } = config.inference;
  const threads = availableParallelism();
  const choice = { engine: wanted, device, precision };
  prepareProcess(choice, threads);
  const { engine, passedOver } = await loadEngine(version, choice, {
    maxBatchSize: 1,
    threads,
    golden: [],
    calibrationsDir: calibrationsDirOf(config),
  });
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
  const megabytes = process.memoryUsage.rss() / 1e6;
  engine.dispose();
  return {
    engine: engine.name,
    device: engine.device,
    precision: engine.precision,
    imagesPerSecond,
    megabytes,
    passedOver,
  };
}

async function write(
  config: Config,
  { draft, versionFiles }: ReadModel,
): Promise<{ version: number; directory: string }> {
  const { modelsDir, otherDirs } = await findWritable(modelsDirsOf(config), config.repository.isReadOnly);
  return writeVersion(modelsDir, draft, versionFiles, { otherDirs });
}

function report({ kind, planProblem }: ReadModel, facts: Facts, measured: Measured): string {
  const { engine, device, precision, imagesPerSecond, megabytes, passedOver } = measured;
  const rows = [
    { fact: 'format', value: kind, from: 'the file' },
    ...facts.rows(),
    { fact: 'engine', value: `${engine} on ${device}, ${precision}`, from: 'this machine' },
    { fact: 'images/s', value: imagesPerSecond.toFixed(0), from: 'this machine, one at a time' },
    { fact: 'memory', value: `${megabytes.toFixed(0)} MB`, from: 'this process, the model’s file included' },
  ];
  const width = (key: 'fact' | 'value') => Math.max(...rows.map((row) => row[key].length)) + 2;
  const [first, second] = [width('fact'), width('value')];
  const lines = rows.map(({ fact, value, from }) => `${fact.padEnd(first)}${value.padEnd(second)}${from}`);
  const notes = [
    ...(planProblem === null ? [] : [`No plan expresses it: ${planProblem}.`]),
    ...passedOver.map((reason) => `Passed over: ${reason}`),
  ];
  return [...lines, ...notes].join('\n');
}

export function importCommand(config: Config): Command {
  const command = new Command('import')
    .description('Take over a model that another tool trained, as a version of the repository.')
    .argument(
      '<path>',
      '.keras, .h5, .onnx, model.json, a zip archive, a SavedModel, or a folder with one of them and what describes it',
    )
    .option('--dry-run', 'say what would be written, and write nothing')
    .option('--json', 'print JSON');
  return withFactOptions(command).action((path: string, given: unknown) => run(config, path, given));
}
