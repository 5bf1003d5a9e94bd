import { link, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fillOnce } from './cache.mjs';
import { SetupError } from './setup-error.mjs';
import { unpackEach } from './unpack-wheels.mjs';
import { CUDA } from './wheels.mjs';

/**
 * CUDA's runtime, NVRTC, cuBLAS and cuDNN in the cache: `include/` holds all headers, `nvidia/<name>/lib/` the libraries.
 * The cudnn engine and TensorFlow share them.
 * @param {import('./context.mjs').Context} context
 * @param {string} machine Platform and architecture.
 * @returns {Promise<string>} The folder.
 * @throws {SetupError} when there are none for this machine, or the download fails.
 */
export async function layCudaLibraries(context, machine) {
  const build = CUDA[machine];
  if (!build)
    throw new SetupError(`There is no build of CUDA's libraries for ${machine}.`, 'The CPU is used instead.');
  const { name, wheels, neededMegabytes } = build;
  return fillOnce(
    name,
    neededMegabytes,
    (folders) => unpackEach(wheels, neededMegabytes, folders, context),
    context,
  );
}

/**
 * Hard-links the files below `from` into `to`, so that they use no further disk space.
 * @param {string} from
 * @param {string} to
 */
export async function linkTree(from, to) {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkTree(source, target);
    else await link(source, target);
  }
}
