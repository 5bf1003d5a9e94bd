import { readlink, realpath, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildNative } from './native-build.mjs';

/** Fails unless the addon and all its libraries can be opened. */
const CHECK = `
const binding = require('@mapbox/node-pre-gyp').find(require('node:path').resolve('package.json'));
if (!require(binding).TF_Version) throw new Error(binding + ' is no TensorFlow binding');
`;

/**
 * Builds the binding of `@tensorflow/tfjs-node-gpu` against a libtensorflow, by the package's own build script.
 * @param {string} libtensorflow A folder with `lib` and `include`.
 * @param {import('./context.mjs').Context} context
 */
export async function buildTfjsBinding(libtensorflow, context) {
  const folder = join(context.root, 'node_modules/@tensorflow/tfjs-node-gpu');
  // Its binding.gyp and the built addon (RPATH) look for headers and libraries below deps.
  await link(join(folder, 'deps'), libtensorflow);
  await buildNative(
    {
      label: 'Building the TensorFlow binding',
      folder,
      output: 'lib',
      inputs: { libtensorflow: await realpath(libtensorflow) },
      command: [
        createRequire(join(folder, 'package.json')).resolve('@mapbox/node-pre-gyp/bin/node-pre-gyp'),
        'install',
        '--build-from-source',
      ],
      check: CHECK,
      keepsWorking: true,
    },
    context,
  );
}

/**
 * @param {string} path
 * @param {string} target
 */
async function link(path, target) {
  if ((await readlink(path).catch(() => undefined)) === target) return;
  await rm(path, { recursive: true, force: true });
  await symlink(target, path);
}
