import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { CommandFailed, run } from './command.mjs';
import { SetupError } from './setup-error.mjs';
import { BESIDE_LONGER } from './together.mjs';

/**
 * Compiles changed files to dist/.
 * @param {import('./context.mjs').Context} context
 * @throws {SetupError} with the compiler's errors
 */
export async function compileTypeScript({ root, env, progress, signal }) {
  await removeOrphans(root);
  const compile = () =>
    run(process.execPath, ['node_modules/typescript/bin/tsc', '--build'], {
      cwd: root,
      env,
      signal,
      niceness: BESIDE_LONGER,
    });
  await (existsSync(join(root, 'dist/tsconfig.tsbuildinfo'))
    ? compile()
    : progress.step('Compiling TypeScript', compile)
  ).catch((error) => {
    if (!(error instanceof CommandFailed)) throw error;
    throw new SetupError(
      `TypeScript has errors:\n${error.output}`,
      'Correct them, then run the command again.',
    );
  });
}

/**
 * Deletes the output of deleted sources. The compiler keeps it, and deleted tests would still run.
 * @param {string} root
 */
async function removeOrphans(root) {
  const dist = join(root, 'dist');
  for (const entry of await readdir(dist, { recursive: true, withFileTypes: true }).catch(() => [])) {
    const compiled = join(entry.parentPath, entry.name);
    const path = join(root, relative(dist, compiled)).replace(/\.map$/, '');
    const sources = [path, path.replace(/js$/, 'ts')];
    if (entry.isFile() && /js(\.map)?$/.test(entry.name) && !sources.some(existsSync)) await rm(compiled);
  }
}
