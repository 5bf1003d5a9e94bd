import { resolve, sep } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { importSettingsOf } from '../app/config/derived.js';
import type { Config } from '../app/config/schema.js';
import { carryOutImport } from '../models/importing/carry-out-import.js';
import type { Facts } from '../models/importing/facts.js';
import type { ImportReport } from '../models/importing/import-report.js';
import { factsOf, withFactOptions } from './import-options.js';

const optionsSchema = z.looseObject({ dryRun: z.boolean().default(false), json: z.boolean().default(false) });

/** Reads, tries and writes a model, and prints what it found.
 * @param facts what the command's flags state; the model's files add theirs */
export async function importFrom(
  config: Config,
  path: string,
  facts: Facts,
  { dryRun: isDryRun, json }: { readonly dryRun: boolean; readonly json: boolean },
): Promise<void> {
  const onStep = (line: string): void => console.error(line);
  const { report, directory } = await carryOutImport(path, facts, importSettingsOf(config), {
    isDryRun,
    onStep,
  });
  if (json) {
    console.log(JSON.stringify(report));
    return;
  }
  console.log(table(report));
  console.log(
    directory === null
      ? '\nA dry run: nothing was written.'
      : `\n${report.model} version ${report.version}: ${directory}`,
  );
  const { modelsDir } = config.repository;
  if (directory !== null && !directory.startsWith(`${resolve(modelsDir)}${sep}`))
    console.log(
      `It is not in FOVEA_MODELS_DIR (${modelsDir}), which is missing, read-only, or not of the form <model>/<version>.`,
    );
}

async function run(config: Config, path: string, given: unknown): Promise<void> {
  await importFrom(config, path, await factsOf(given), optionsSchema.parse(given));
}

function table(report: ImportReport): string {
  const { facts, format, engine, device, precision, plan_problem: planProblem } = report;
  const rows = [
    { fact: 'format', value: format, from: 'the file' },
    ...facts,
    { fact: 'engine', value: `${engine} on ${device}, ${precision}`, from: 'this machine' },
    {
      fact: 'images/s',
      value: report.images_per_second.toFixed(0),
      from: 'this machine, one at a time',
    },
    {
      fact: 'memory',
      value: `${(report.memory_bytes / 1e6).toFixed(0)} MB`,
      from: 'this process, the model’s file included',
    },
  ];
  const width = (key: 'fact' | 'value') => Math.max(...rows.map((row) => row[key].length)) + 2;
  const [first, second] = [width('fact'), width('value')];
  const lines = rows.map(({ fact, value, from }) => `${fact.padEnd(first)}${value.padEnd(second)}${from}`);
  const notes = [
    ...(planProblem === null ? [] : [`No plan expresses it: ${planProblem}.`]),
    ...report.passed_over.map((reason) => `Passed over: ${reason}`),
  ];
  return [...lines, ...notes].join('\n');
}

export function importCommand(config: Config): Command {
  const command = new Command('import')
    .description('Take over a model that another tool trained, as a version of the repository.')
    .argument(
      '<path>',
      '.keras, .h5, .onnx, model.json, a zip or tar archive, a SavedModel, or a folder with one of them and what describes it',
    )
    .option('--dry-run', 'say what would be written, and write nothing')
    .option('--json', 'print JSON, as POST /api/models/import answers');
  return withFactOptions(command).action((path: string, given: unknown) => run(config, path, given));
}
