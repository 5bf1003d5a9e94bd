/*
 * Imports the models that `bench/architectures/make.py` made by `fovea import`, compares each with its own framework on
 * photographs, and runs it beside ONNX Runtime and OpenVINO:
 *
 *   node dist/bench/architectures.bench.js <folder> <python> [<name> …]
 *
 * One process a model and runtime, so that memory is its own. ONNX Runtime and OpenVINO get the ONNX file of PyTorch, and of
 * a Keras model the file that `fovea export` writes. Keeps each model's row in <folder>; writes all of them into
 * `bench/results/architectures.md`.
 */
import './help.js';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { openVersion } from '../src/models/repository/open-version.js';
import { measureEngine } from './architectures/measure-engine.js';
import { type Measured, measuredSchema } from './architectures/measured.js';
import { networkInput } from './architectures/network-input.js';
import { describeMachine } from './machine.js';

const aboutSchema = z.object({
  name: z.string(),
  file: z.string(),
  size: z.int(),
  flags: z.array(z.string()),
  parameters: z.int(),
  framework: z.string(),
  probabilities: z.array(z.array(z.number())),
});

type About = z.infer<typeof aboutSchema>;

const MEASURED_SECONDS = 2;
const PROCESS_TIMEOUT_MS = 150_000;
const THREADS = availableParallelism();
const CLI = new URL('../src/cli/main.js', import.meta.url).pathname;
const PEERS = new URL('../../bench/architectures/peers.py', import.meta.url).pathname;
const [folder = '', python = 'python3', ...only] = process.argv.slice(2);

async function aboutOf(name: string): Promise<About> {
  return aboutSchema.parse(JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')));
}

/** @returns the last line of its output, parsed
 * @throws Error with what it printed last */
async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const { stdout } = await promisify(execFile)(program, args, {
    env: { ...process.env, ...env },
    timeout: PROCESS_TIMEOUT_MS,
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

const modelsDir = join(folder, 'models');

/** Imports the model as a user does. */
async function importModel({ name, file, size, flags, probabilities }: About): Promise<unknown> {
  await rm(join(modelsDir, name.toLowerCase()), { recursive: true, force: true });
  await mkdir(modelsDir, { recursive: true });
  const labels = join(folder, 'labels.txt');
  await writeFile(labels, (probabilities[0] ?? []).map((_, index) => `class ${index}`).join('\n'));
  const given = ['--name', name.toLowerCase(), '--labels', labels, '--size', String(size), ...flags];
  return run(process.execPath, [CLI, 'import', join(folder, file), '--json', ...given], {
    FOVEA_MODELS_DIR: modelsDir,
    FOVEA_STATE_DIR: join(folder, 'state'),
    FOVEA_PRECISION: 'float32',
  });
}

function versionOf(name: string) {
  const model = name.toLowerCase();
  return openVersion({ directory: join(modelsDir, model, '1'), model, version: 1 });
}

/** The file for the other runtimes. */
async function onnxOf({ name, file }: About): Promise<string> {
  if (file.endsWith('.onnx')) return join(folder, file);
  const exported = join(folder, `${name}.exported.onnx`);
  await rm(exported, { force: true });
  await promisify(execFile)(process.execPath, [CLI, 'export', name.toLowerCase(), exported], {
    env: { ...process.env, FOVEA_MODELS_DIR: modelsDir, FOVEA_STATE_DIR: join(folder, 'state') },
    timeout: PROCESS_TIMEOUT_MS,
  });
  return exported;
}

async function runPeers(about: About): Promise<(Measured | string)[]> {
  const { manifest } = await versionOf(about.name);
  const input = join(folder, 'input.f32');
  const pixels = await readFile(join(folder, `${about.size}.pixels`));
  await writeFile(input, new Uint8Array(networkInput(manifest, pixels).buffer));
  const shape = `3,${about.size},${about.size}`;
  const results: (Measured | string)[] = [];
  for (const runtime of ['onnxruntime', 'openvino'])
    results.push(
      await onnxOf(about)
        .then((file) =>
          run(python, [PEERS, runtime, file, input, shape, String(THREADS), String(MEASURED_SECONDS)]),
        )
        .then((printed) => measuredSchema.parse(printed))
        .catch(reasonOf),
    );
  return results;
}

const ownSchema = measuredSchema.extend({ engine: z.string() });

async function row(name: string): Promise<string> {
  const about = await aboutOf(name);
  const { framework, parameters, flags, probabilities } = about;
  const head = `| ${name.replace('keras-', '')} | ${framework} | ${(parameters / 1e6).toFixed(1)} |`;
  try {
    const report = z.looseObject({ plan_problem: z.string().nullable() }).parse(await importModel(about));
    const own = ownSchema.parse(
      await run(process.execPath, [process.argv[1] ?? '', folder, 'measure', name]),
    );
    const difference = furthest(own.answers, probabilities);
    const engine = report.plan_problem === null ? own.engine : `${own.engine}: ${report.plan_problem}`;
    const hasLogits = flags.includes('--activation') && about.file.endsWith('.onnx');
    const peers = (await runPeers(about)).map((peer) =>
      typeof peer === 'string'
        ? `${peer} | |`
        : `${shown(peer)} ${furthest(hasLogits ? peer.answers.map(softmax) : peer.answers, probabilities).toExponential(1)} |`,
    );
    return `${head} ${engine} | ${difference.toExponential(1)} | ${shown(own)} ${peers.join(' ')}`;
  } catch (error) {
    return `${head} – | ${reasonOf(error)} |`;
  }
}

function shown({ imagesPerSecond, latencyMs, memoryBytes }: Measured): string {
  return `${imagesPerSecond.toFixed(1)} · ${latencyMs.toFixed(1)} ms · ${(memoryBytes / 1e6).toFixed(0)} MB |`;
}

function furthest(answers: readonly (readonly number[])[], wanted: About['probabilities']): number {
  const flat = answers.flat();
  return Math.max(...wanted.flat().map((value, index) => Math.abs(value - (flat[index] ?? Number.NaN))));
}

function softmax(logits: readonly number[]): number[] {
  const top = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - top));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.trim().split('\n');
  const line = lines.find((each) => /^fovea:|Error: /.test(each)) ?? lines.at(-1) ?? '';
  return `failed: ${line.slice(0, 200).replaceAll('|', '/')}`;
}

async function writeTable(): Promise<void> {
  const all = await readdir(folder);
  const files = all.filter((file) => file.endsWith('.row')).sort();
  const open = all.filter((file) => file.endsWith('.json') && !files.includes(file.replace('.json', '.row')));
  const rows = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const table = [
    '# Architectures: each imported, and beside its own framework',
    '',
    `By \`bench/architectures.bench.ts\` on ${new Date().toISOString().slice(0, 10)}: ${describeMachine()}, ${THREADS} threads, float32, one image at a time.`,
    'Random weights, whose batch norms have the statistics of photographs. *Difference*: the greatest one of a probability from the',
    'source framework, on five photographs of scikit-image, 1,000 classes each. Memory is the anonymous memory of a process that holds the',
    'model alone. ONNX Runtime and OpenVINO run the ONNX file of PyTorch, and of a Keras model the file that `fovea export` writes.',
    'Rates and latencies depend on what else runs on the machine; those of a row were measured one after another.',
    '',
    '| Model | From | Million parameters | Engine | Difference | Fovea: images/s · latency · memory | ONNX Runtime | its difference | OpenVINO | its difference |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...(open.length === 0
      ? []
      : [`Not measured yet: ${open.map((file) => file.slice(0, -5)).join(', ')}.`, '']),
  ];
  await writeFile(new URL('../../bench/results/architectures.md', import.meta.url), table.join('\n'));
}

if (python === 'measure') {
  const about = await aboutOf(only[0] ?? '');
  const pixels = await readFile(join(folder, `${about.size}.pixels`));
  const options = { threads: THREADS, seconds: MEASURED_SECONDS };
  console.log(JSON.stringify(await measureEngine(await versionOf(about.name), pixels, options)));
} else {
  const made = (await readdir(folder))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -5));
  for (const name of made.filter((each) => only.length === 0 || only.includes(each)).sort()) {
    const line = await row(name);
    console.log(line);
    await writeFile(join(folder, `${name}.row`), line);
    await writeTable();
  }
}
