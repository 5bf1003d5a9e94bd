import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory, fillOnce } from './cache.mjs';
import { CommandFailed, run } from './command.mjs';
import { SetupError } from './setup-error.mjs';

/** Holds go.mod, which pins k6, and go.sum, which pins its dependencies. */
const MODULE = 'bench/flood/k6';
const PACKAGE = 'go.k6.io/k6/v2';
/** Peak disk space for modules, objects and the binary. */
const NEEDED_MEGABYTES = 1500;

/** @param {string} root */
async function folderName(root) {
  const [, version] =
    /^require go\.k6\.io\/k6\/v2 v(\S+)/m.exec(await readFile(join(root, MODULE, 'go.mod'), 'utf8')) ?? [];
  if (version === undefined) throw new Error(`${MODULE}/go.mod names no version of k6. This is a bug.`);
  return `k6-${version}`;
}

/**
 * The path of the pinned k6 after the build.
 * @param {string} root The checkout.
 * @param {NodeJS.ProcessEnv} env
 */
export async function k6Path(root, env) {
  return join(cacheDirectory(env), await folderName(root), 'k6');
}

/**
 * Builds k6 into the cache unless it exists there. It is built from a module with pinned sums, because `go install` checks no
 * sums of ours, and asks the proxy for a list of versions that not every proxy has.
 * @param {import('./context.mjs').Context} context
 * @throws {SetupError} when Go is missing
 */
export async function buildK6(context) {
  const { root, env, signal, progress } = context;
  const name = await folderName(root);
  await fillOnce(
    name,
    NEEDED_MEGABYTES,
    async ({ result }) => {
      const go = (/** @type {string[]} */ ...args) =>
        run('go', args, { cwd: join(root, MODULE), env, signal });
      await go('version').catch((error) => {
        if (!(error instanceof CommandFailed)) throw error;
        throw new SetupError(
          `bench/flood needs ${name}, which is built with Go, and go is not on the PATH.`,
          'Install Go 1.25 or later, and run the command again. Nothing else needs Go.',
        );
      });
      const options = ['-mod=readonly', '-trimpath', '-ldflags=-s -w', '-o', join(result, 'k6')];
      await progress.step(`Building ${name} with Go (once; some minutes)`, () =>
        go('build', ...options, PACKAGE),
      );
    },
    context,
  );
}
