import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * `npm test`: runs the files that are named, or all. tap's own runner measures coverage by a module loader, which it gives
 * to each process that a test starts, too; it doubles the processor time of the suite.
 *
 * Unit tests of a folder share a process: for most of them the start of Node, tap and zod takes longer than the test.
 */

const RUN_TOGETHER = fileURLToPath(new URL('run-together.js', import.meta.url));
const UNIT = /(^|\/)unit\//;
/** So that the time-out holds for them together, and a failure has few files to look at. */
const MOST_TOGETHER = 8;

const ROOTS = ['dist/tests/integration', 'dist/tests/unit'];
/** One more than the cores that CI has: a file waits for timers, disks and children for a tenth of its time. */
const JOBS = 3;
/** tap itself ends a file after this time and names the test that ran; the runner kills a file that blocks. */
const TIMEOUT_SECONDS = 300;
const GRACE_SECONDS = 30;

/** tap's plan of a file that has tests. */
const PLAN = /^1\.\.[1-9]/m;
/** `run-together.ts` writes it after each file, and a test of its own before it. */
const END_OF_FILE = /^# end of .*\.test\.[a-z]+$/m;
const RESULT = /^(?:not )?ok /gm;
const NOT_OK = /^not ok /m;
const SKIPPED = /^.*# (?:SKIP|TODO).*$/gm;

/** Test files that run in one process. */
type Run = readonly string[];

interface Outcome {
  readonly run: Run;
  readonly failed: readonly string[];
  readonly seconds: number;
  readonly output: string;
}

function allFiles(): string[] {
  return ROOTS.flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.js'))
      .sort()
      .map((name) => join(root, name)),
  );
}

function runsOf(files: readonly string[]): Run[] {
  const runs: string[][] = [];
  for (const file of files) {
    const last = runs.at(-1);
    const isShared = last !== undefined && last.length < MOST_TOGETHER && UNIT.test(file);
    if (isShared && dirname(last[0] ?? '') === dirname(file)) last.push(file);
    else runs.push([file]);
  }
  return runs;
}

function hasPassed(ofFile: string | undefined): boolean {
  const results = ofFile?.match(RESULT) ?? [];
  return results.length > 1 && !NOT_OK.test(ofFile ?? '');
}

/** A file fails when it has no test, a test fails, or its process ends badly or before it. */
function failedOf(run: Run, error: Error | null, output: string): Run {
  if (run.length === 1) return error === null && PLAN.test(output) ? [] : run;
  const ended = output.split(END_OF_FILE).slice(0, -1);
  const failed = run.filter((_, place) => !hasPassed(ended[place]));
  return error !== null && failed.length === 0 ? run : failed;
}

function runInProcess(run: Run): Promise<Outcome> {
  const started = performance.now();
  const options = {
    env: { ...process.env, TAP_TIMEOUT: String(TIMEOUT_SECONDS) },
    timeout: 1000 * (TIMEOUT_SECONDS + GRACE_SECONDS),
    killSignal: 'SIGKILL',
    maxBuffer: Number.POSITIVE_INFINITY,
  } as const;
  return new Promise((resolve) => {
    const command = run.length === 1 ? run : [RUN_TOGETHER, ...run];
    execFile(process.execPath, command, options, (error, stdout, stderr) => {
      const seconds = (performance.now() - started) / 1000;
      resolve({ run, failed: failedOf(run, error, stdout), seconds, output: stdout + stderr });
    });
  });
}

function report({ run, failed, seconds, output }: Outcome): void {
  const time = seconds.toFixed(1).padStart(6);
  for (const file of run) console.log(`${failed.includes(file) ? 'not ok' : 'ok'} ${time} s  ${file}`);
  const shown = failed.length === 0 ? output.match(SKIPPED) : [output];
  for (const text of shown ?? []) console.log(text);
}

const named = process.argv.slice(2);
const files = named.length > 0 ? named : allFiles();
const queue = runsOf(files).values();
const failed: string[] = [];

async function runQueue(): Promise<void> {
  for (const run of queue) {
    const outcome = await runInProcess(run);
    report(outcome);
    failed.push(...outcome.failed);
  }
}

await Promise.all(Array.from({ length: JOBS }, runQueue));
console.log(`${files.length} test files, ${failed.length} failed`);
for (const file of failed) console.log(`failed: ${file}`);
if (failed.length > 0) process.exitCode = 1;
