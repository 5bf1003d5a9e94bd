import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { buildNative } from './native-build.mjs';
import { findNodeGyp } from './node-gyp.mjs';

const CHECK = `
const { readdirSync } = require('node:fs');
for (const file of readdirSync('build/Release')) if (file.endsWith('.node')) require('./build/Release/' + file);
`;

/**
 * Builds Fovea's own addon when a file of it has changed; without a native/binding.gyp there is none.
 * @param {import('./context.mjs').Context} context
 */
export async function buildOwnAddon(context) {
  const folder = join(context.root, 'native');
  if (!existsSync(join(folder, 'binding.gyp'))) return;
  const build = {
    label: 'Building native/',
    folder,
    output: 'build',
    inputs: { sources: await hashOf(folder) },
    command: [findNodeGyp(context.env), 'rebuild', '--release'],
    check: CHECK,
    keepsWorking: false,
  };
  await buildNative(build, context);
}

/**
 * A hash over names and contents of the sources, in whatever order they are listed.
 * @param {string} folder
 */
async function hashOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sources = files.map((file) => relative(folder, file)).filter((file) => !/^(build\/|\.)/.test(file));
  const hash = createHash('sha256');
  for (const file of sources.sort()) hash.update(`${file}\0`).update(await readFile(join(folder, file)));
  return hash.digest('hex');
}
