import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FoveaError } from '../../platform/errors.js';

/** Seen from the compiled file. */
const ROOT = new URL('../../../../', import.meta.url);
const SCRIPT = fileURLToPath(new URL('setup/setup.mjs', ROOT));
const COMMAND = 'node setup/setup.mjs --tensorflow';
const KEPT_LINES = 40;

/**
 * Fetches libtensorflow and builds its binding, in set-up's own process: a server that only predicts on a CPU came
 * without. What the machine's cache has is not fetched again.
 * @param onStep hears each line that set-up would show
 * @param signal ends it; nothing half-made stays
 * @throws FoveaError `engine_unavailable` where it cannot be had; `cause` says why
 */
export async function setUpTensorflow(onStep: (line: string) => void, signal: AbortSignal): Promise<void> {
  // Images that are built for serving alone leave set-up out.
  if (!existsSync(SCRIPT)) throw unavailable(new Error('This installation came without setup/.'));
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
  const message = `Training needs TensorFlow, which could not be set up: ${COMMAND} tells why.`;
  return new FoveaError('engine_unavailable', message, { cause });
}
