import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FoveaError } from '../../platform/errors.js';

/** Repository root, relative to the compiled file. */
const ROOT = new URL('../../../../', import.meta.url);
const SCRIPT = fileURLToPath(new URL('setup/setup.mjs', ROOT));
const COMMAND = 'node setup/setup.mjs --tensorflow';
const KEPT_LINES = 40;

/**
 * Downloads libtensorflow and builds its binding in a set-up process, because a server that only predicts on a CPU is
 * installed without it. Cached files are not downloaded again.
 * @param onStep receives each progress line of set-up
 * @param signal cancels it; partial results are deleted
 * @throws FoveaError `engine_unavailable` when it fails; `cause` has the reason
 */
export async function setUpTensorflow(onStep: (line: string) => void, signal: AbortSignal): Promise<void> {
  // Images built only for serving do not contain set-up.
  if (!existsSync(SCRIPT)) throw unavailable(new Error('This installation does not contain setup/.'));
  const child = spawn(process.execPath, [SCRIPT, '--tensorflow'], {
    cwd: fileURLToPath(ROOT),
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
    killSignal: 'SIGTERM',
  });
  const ended = once(child, 'close');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    if (line.trim() === '') continue;
    lines.push(line);
    onStep(line.trim());
  }
  const [code]: unknown[] = await ended;
  if (code !== 0) throw unavailable(new Error(lines.slice(-KEPT_LINES).join('\n')));
}

function unavailable(cause: Error): FoveaError {
  const message = `Training needs TensorFlow, and its installation failed. Run ${COMMAND} to see the reason.`;
  return new FoveaError('engine_unavailable', message, { cause });
}
