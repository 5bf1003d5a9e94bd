import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Seen from the compiled file. */
const ROOT = new URL('../../../', import.meta.url);
const SCRIPT = fileURLToPath(new URL('setup/setup.mjs', ROOT));
const KEPT_LINES = 40;

/**
 * Runs set-up in a process of its own. What the machine's cache has is not fetched again.
 * @param onStep hears each line that set-up would show
 * @param signal ends it; nothing half-made stays
 * @throws Error with the last lines, where it fails
 */
export async function runSetUp(
  flag: string,
  onStep: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  // Images that are built for serving alone leave set-up out.
  if (!existsSync(SCRIPT)) throw new Error('This installation came without setup/.');
  const child = spawn(process.execPath, [SCRIPT, flag], {
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
  if (code !== 0) throw new Error(lines.slice(-KEPT_LINES).join('\n'));
}
