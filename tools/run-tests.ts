import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/*
 * `npm test`: runs the files that are named, or all, each in a process of its own. tap's own runner measures coverage by
 * a module loader, which it gives to each process that a test starts, too; it doubles the processor time of the suite.
 */

const ROOTS = ['dist/tests/integration', 'dist/tests/unit'];
/** One more than the cores that CI has: a file waits for timers, disks and children for a tenth of its time. */
const JOBS = 3;
/** tap itself ends a file after this time and names the test that ran; the runner kills a file that blocks. */
const TIMEOUT_SECONDS = 300;
const GRACE_SECONDS = 30;

/** tap's plan of a file that has tests. */
const PLAN = /^1\.\.[1-9]/m;
const SKIPPED = /^.*# (?:SKIP|TODO).*$/gm;

interface Outcome {
  readonly file: string;
  readonly hasPassed: boolean;
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

function runFile(file: string): Promise<Outcome> {
  const started = performance.now();
  const options = {
    env: { ...process.env, TAP_TIMEOUT: String(TIMEOUT_SECONDS) },
    timeout: 1000 * (TIMEOUT_SECONDS + GRACE_SECONDS),
    killSignal: 'SIGKILL',
    maxBuffer: Number.POSITIVE_INFINITY,
  } as const;
  return new Promise((resolve) => {
    execFile(process.execPath, [file], options, (error, stdout, stderr) => {
      const seconds = (performance.now() - started) / 1000;
      resolve({ file, hasPassed: error === null && PLAN.test(stdout), seconds, output: stdout + stderr });
    });
  });
}

function report({ file, hasPassed, seconds, output }: Outcome): void {
  console.log(`${hasPassed ? 'ok' : 'not ok'} ${seconds.toFixed(1).padStart(6)} s  ${file}`);
  const shown = hasPassed ? output.match(SKIPPED) : [output];
  for (const text of shown ?? []) console.log(text);
}

const named = process.argv.slice(2);
const files = named.length > 0 ? named : allFiles();
const queue = files.values();
const failed: string[] = [];

async function runQueue(): Promise<void> {
  for (const file of queue) {
    const outcome = await runFile(file);
    report(outcome);
    if (!outcome.hasPassed) failed.push(file);
  }
}

await Promise.all(Array.from({ length: JOBS }, runQueue));
console.log(`${files.length} test files, ${failed.length} failed`);
for (const file of failed) console.log(`failed: ${file}`);
if (failed.length > 0) process.exitCode = 1;
