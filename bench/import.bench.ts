/*
 * Imports the models that `bench/import/make.py` made, and compares each with its own framework:
 *
 *   node dist/bench/import.bench.js <folder>
 *
 * One process a model, so that memory is the model's own. Writes `bench/results/import.md`.
 */
import './help.js';
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { loadEngine } from '../src/models/engines/select.js';
import { Facts } from '../src/models/importing/facts.js';
import { IMPORT_LIMITS } from '../src/models/importing/import-limits.js';
import { inTemporaryVersion, readModel } from '../src/models/importing/import-model.js';
import { statePreset } from '../src/models/importing/presets.js';

const aboutSchema = z.object({
  name: z.string(),
  file: z.string(),
  size: z.int(),
  flags: z.array(z.string()),
  parameters: z.int(),
  framework: z.string(),
  probabilities: z.array(z.array(z.number())),
});

const resultSchema = z.object({
  engine: z.string(),
  difference: z.number(),
  imagesPerSecond: z.number(),
  megabytes: z.number(),
});

type About = z.infer<typeof aboutSchema>;

const MEASURED_MS = 3000;
const MODEL_TIMEOUT_MS = 120_000;

async function aboutIn(folder: string, name: string): Promise<About> {
  return aboutSchema.parse(JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')));
}

/** Runs in a process of its own. */
async function measureOne(folder: string, name: string): Promise<z.infer<typeof resultSchema>> {
  const { file, size, flags, probabilities } = await aboutIn(folder, name);
  const facts = new Facts();
  const flagged = (flag: string) => flags[flags.indexOf(flag) + 1] ?? '';
  if (flags.includes('--activation')) facts.state('activation', 'softmax', '--activation');
  statePreset(facts, flagged('--preset'));
  facts.state('size', { height: size, width: size }, 'the bench');
  facts.state(
    'labels',
    (probabilities[0] ?? []).map((_, index) => `class ${index}`),
    'the bench',
  );
  const model = await readModel(join(folder, file), facts, IMPORT_LIMITS);
  const pixels = await readFile(join(folder, `${size}.pixels`));
  return inTemporaryVersion(model, async (version) => {
    const options = { maxBatchSize: 2, threads: availableParallelism(), golden: [] };
    const { engine } = await loadEngine(
      version,
      { engine: 'auto', device: 'cpu', precision: 'float32' },
      options,
    );
    engine.warmUp();
    const classes = version.manifest.labels.length;
    const outputs = new Float32Array(2 * classes);
    engine.run(pixels, 2, outputs);
    const difference = Math.max(
      ...probabilities.flat().map((wanted, index) => Math.abs(wanted - (outputs[index] ?? Number.NaN))),
    );
    let images = 0;
    const start = performance.now();
    for (; performance.now() - start < MEASURED_MS; images++) engine.run(pixels, 1, outputs);
    const imagesPerSecond = (1000 * images) / (performance.now() - start);
    return { engine: engine.name, difference, imagesPerSecond, megabytes: process.memoryUsage.rss() / 1e6 };
  });
}

async function row(folder: string, name: string): Promise<string> {
  const { framework, parameters } = await aboutIn(folder, name);
  const head = `| ${name.replace('keras-', '')} | ${framework} | ${(parameters / 1e6).toFixed(1)} |`;
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [process.argv[1] ?? '', folder, name], {
      timeout: MODEL_TIMEOUT_MS,
    });
    const result = resultSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
    const { engine, difference, imagesPerSecond, megabytes } = result;
    return `${head} ${engine} | ${difference.toExponential(1)} | ${imagesPerSecond.toFixed(1)} | ${megabytes.toFixed(0)} |`;
  } catch (error) {
    const reason =
      error instanceof Error ? (/FoveaError: ([^\n]*)/.exec(error.message)?.[1] ?? 'failed') : 'failed';
    return `${head} – | ${reason} | | |`;
  }
}

const [folder = '', only] = process.argv.slice(2);
if (only !== undefined) {
  console.log(JSON.stringify(await measureOne(folder, only)));
} else {
  const names = (await readdir(folder))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -5));
  const rows: string[] = [];
  for (const name of names.sort()) {
    rows.push(await row(folder, name));
    console.log(rows.at(-1));
  }
  const table = [
    '# Imported models beside their own frameworks',
    '',
    `Random weights, two pictures, float32, ${availableParallelism()} threads of a shared machine, batch 1; by \`bench/import.bench.ts\` on ${new Date().toISOString().slice(0, 10)}.`,
    'Memory is the whole process, with what the import itself took.',
    '',
    '| Model | From | Million parameters | Engine | Greatest difference of a probability | Images/s | MB |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ];
  await writeFile(new URL('../../bench/results/import.md', import.meta.url), table.join('\n'));
}
