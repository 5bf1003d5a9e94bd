import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root, seen from the compiled file. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SCOPE = '@tensorflow';
const PACKAGE = 'tfjs-node-gpu';

/**
 * An installation where set-up found no libtensorflow: everything is real, but tfjs-node's addon was never built.
 * @param directory is filled
 * @param left what is there all the same: set-up and what the addon is built from, or the addon, too, which then lacks
 * nothing but libtensorflow
 * @returns the folder that stands for `dist/`
 */
export async function installWithoutLibtensorflow(
  directory: string,
  left: 'nothing' | 'sources' | 'addon' = 'nothing',
): Promise<string> {
  const modules = join(directory, 'node_modules');
  await mkdir(join(modules, SCOPE), { recursive: true });
  const linkAll = async (folder: string, without: string) => {
    const names = (await readdir(join(ROOT, 'node_modules', folder))).filter((name) => name !== without);
    await Promise.all(
      names.map((name) => symlink(join(ROOT, 'node_modules', folder, name), join(modules, folder, name))),
    );
  };
  await linkAll('.', SCOPE);
  await linkAll(SCOPE, PACKAGE);
  const sources = left === 'nothing' ? [] : ['binding', 'binding.gyp', 'scripts'];
  const addon = left === 'addon' ? ['lib'] : [];
  for (const part of ['dist', 'package.json', ...sources, ...addon])
    await cp(join(ROOT, 'node_modules', SCOPE, PACKAGE, part), join(modules, SCOPE, PACKAGE, part), {
      recursive: true,
    });
  if (left !== 'nothing') await cp(join(ROOT, 'setup'), join(directory, 'setup'), { recursive: true });
  await writeFile(join(directory, 'package.json'), '{ "type": "module", "version": "0.0.0" }');
  const dist = join(directory, 'dist');
  for (const part of ['native', 'src', 'workers'])
    await cp(join(ROOT, 'dist', part), join(dist, part), { recursive: true });
  return dist;
}
