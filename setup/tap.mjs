import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.mjs';
import { unlessDoneFor } from './stamp.mjs';

/**
 * Generates tap's test class for the plugins that .taprc names. Otherwise tap does it silently at its first run.
 * @param {import('./context.mjs').Context} context
 */
export async function prepareTap({ root, env, progress, signal }) {
  const settings = await readFile(join(root, '.taprc'), 'utf8');
  await unlessDoneFor(join(root, 'node_modules/@tapjs/test'), { settings }, async () => {
    await progress.step('Preparing tap', () =>
      run(process.execPath, ['node_modules/.bin/tap', 'build'], { cwd: root, env, signal }),
    );
  });
}
