/*
 * Floods: k6 puts a freshly started server under several shapes of load and compares every answer with the image's own.
 * Run: `npm run bench:flood -- [--seconds 10] [--out bench/results] [--tolerance 0.001] [--list] [scenario …]`
 * `--seconds` is the length of each phase. Writes `<out>/<date>-<machine>.md` and charts; ends with 1 when an answer
 * was wrong or missing.
 */
import './help.js';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { k6Path } from '../setup/k6.mjs';
import { startServerProcess } from '../tests/support/server-process.js';
import { drawLatencies, drawSaturation } from './flood/chart.js';
import { type PreparedFlood, prepareFlood } from './flood/prepare.js';
import { problemsIn, type ScenarioResult, writeReport } from './flood/report.js';
import { runK6 } from './flood/run-k6.js';
import { FLOOD_SCENARIOS, type FloodScenario, SATURATION } from './flood/scenarios.js';
import { describeMachine } from './machine.js';

const { values, positionals } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    out: { type: 'string', default: 'bench/results' },
    tolerance: { type: 'string', default: '0.001' },
    list: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const settings = z
  .object({ seconds: z.coerce.number().int().positive(), tolerance: z.coerce.number().positive() })
  .parse(values);

function chosenScenarios(): readonly FloodScenario[] {
  if (positionals.length === 0) return FLOOD_SCENARIOS;
  return positionals.map((name) => {
    const scenario = FLOOD_SCENARIOS.find((candidate) => candidate.name === name);
    if (scenario === undefined) throw new Error(`There is no scenario ${name}; --list shows all.`);
    return scenario;
  });
}

async function requireK6(): Promise<string> {
  const k6 = await k6Path('.', process.env);
  if (existsSync(k6)) return k6;
  throw new Error(`There is no k6 at ${k6}. Build it, which takes Go: node setup/setup.mjs --k6`);
}

interface Flood {
  readonly prepared: PreparedFlood;
  readonly results: readonly ScenarioResult[];
}

/** Runs all scenarios against one server, which must survive them. */
async function flood(k6: string, scenarios: readonly FloodScenario[]): Promise<Flood> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-flood-'));
  const { child, url } = await startServerProcess({
    FOVEA_HOST: '127.0.0.1',
    FOVEA_PORT: '0',
    FOVEA_STATE_DIR: join(folder, 'state'),
    FOVEA_RATE_LIMIT_ENABLED: 'false',
    FOVEA_LOG_LEVEL: 'info',
  });
  const exit = once(child, 'exit');
  try {
    const prepared = await prepareFlood({ url, folder, tolerance: settings.tolerance });
    const results: ScenarioResult[] = [];
    for (const scenario of scenarios) {
      const options = { k6, scenario, requestsFile: prepared.file, secondsPerPhase: settings.seconds };
      const result = await runK6(options);
      results.push({ scenario, result });
      const { right, wrong, failed } = result;
      console.log(`${scenario.title.padEnd(40)} ${right} right, ${wrong} wrong, ${failed} failed`);
      if (result.broken.length > 0) console.error(result.words);
    }
    return { prepared, results };
  } finally {
    child.kill('SIGTERM');
    const [code]: unknown[] = await exit;
    if (code !== 0) {
      console.error(`The server ended with ${String(code)}.`);
      process.exitCode = 1;
    }
    await rm(folder, { recursive: true });
  }
}

function fileStem(date: string): string {
  const [cpu] = cpus();
  const machine = `${cpu?.model ?? 'unknown'} ${cpus().length} cores`.toLowerCase();
  return `${date}-${machine.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')}`;
}

async function saveReport({ prepared, results }: Flood): Promise<string> {
  const date = new Date().toISOString().slice(0, 10);
  const stem = fileStem(date);
  await mkdir(values.out, { recursive: true });
  const charts: string[] = [];
  const saveChart = async (name: string, svg: string): Promise<void> => {
    charts.push(`${stem}-${name}.svg`);
    await writeFile(join(values.out, `${stem}-${name}.svg`), svg);
  };
  const steps = results.find(({ scenario }) => scenario === SATURATION)?.result.phases ?? [];
  if (steps.length > 0) await saveChart('saturation', drawSaturation(steps));
  const others = results.filter(({ scenario }) => scenario !== SATURATION);
  const bars = others.flatMap(({ scenario, result }) =>
    result.phases.map((phase) => ({ title: `${scenario.name}, ${phase.name}`, phase })),
  );
  if (bars.length > 0) await saveChart('latencies', drawLatencies(bars));
  const file = join(values.out, `${stem}.md`);
  const about = { machine: describeMachine(), date, secondsPerPhase: settings.seconds };
  await writeFile(file, writeReport({ ...about, prepared, results, charts }));
  return file;
}

if (values.list) {
  for (const { name, title } of FLOOD_SCENARIOS) console.log(`${name.padEnd(20)} ${title}`);
} else {
  const done = await flood(await requireK6(), chosenScenarios());
  console.log(`\nwritten: ${await saveReport(done)}`);
  const problems = problemsIn(done.results);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}
