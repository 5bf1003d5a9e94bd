/*
 * All benches that need nothing but this repository, short, one after another, each in a process of its own; then one
 * summary of all of them. About ten minutes. Run: `npm run bench [-- <name> … [<options of the benches>]]`
 */
import './help.js';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describeMachine } from './machine.js';

/** Arguments of each bench, chosen to keep it short. */
const BENCHES: Readonly<Record<string, readonly string[]>> = {
  engine: ['--seconds', '0.5', '--rounds', '1'],
  decode: [],
  photographs: [],
  dispatch: ['--batches', '2000'],
  'engine-share': ['--seconds', '1', '--rounds', '2'],
  memory: ['--seconds', '4', '--stretches', '4'],
  http: ['2'],
  'main-thread': ['--seconds', '1', '--rounds', '3'],
  'large-requests': ['--rounds', '1'],
  protocols: ['--seconds', '1', '--rounds', '2'],
  batching: ['--seconds', '2'],
  history: ['--rows', '100000', '--reads', '300'],
  training: [],
  flood: ['--seconds', '4'],
};

/** Benches that need other programs; they run only when they are named. */
const WITH_PEERS = ['real'];

interface Outcome {
  readonly name: string;
  readonly code: unknown;
  readonly seconds: number;
  readonly output: string;
}

async function runBench(name: string, args: readonly string[]): Promise<Outcome> {
  const startedMs = performance.now();
  const script = fileURLToPath(new URL(`${name}.bench.js`, import.meta.url));
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code]: unknown[] = await once(child, 'close');
  return { name, code, seconds: (performance.now() - startedMs) / 1000, output: output.trim() };
}

const given = process.argv.slice(2);
const firstOption = given.findIndex((argument) => argument.startsWith('-'));
const wanted = firstOption < 0 ? given : given.slice(0, firstOption);
const options = given.slice(wanted.length);
const unknown = wanted.filter((name) => !(name in BENCHES) && !WITH_PEERS.includes(name));
if (unknown.length > 0) throw new Error(`There is no bench ${unknown.join(', ')}.`);
const outcomes: Outcome[] = [];
for (const name of wanted.length > 0 ? wanted : Object.keys(BENCHES)) {
  const outcome = await runBench(name, [...(BENCHES[name] ?? []), ...options]);
  outcomes.push(outcome);
  console.error(`${name}: ${outcome.seconds.toFixed(0)} s${outcome.code === 0 ? '' : ', FAILED'}`);
}

console.log(`# Benches, ${new Date().toISOString().slice(0, 10)}\n\n${describeMachine()}`);
for (const { name, code, output } of outcomes) {
  console.log(`\n## ${name}${code === 0 ? '' : `: ended with ${String(code)}`}\n\n${output}`);
}
if (outcomes.some(({ code }) => code !== 0)) process.exitCode = 1;
