import { chmod, readlink, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';

const ENTRY_POINT = 'dist/src/cli/main.js';

/** Links this checkout's `fovea` for `npx`, because npm links only the commands of dependencies.
 * @param {string} root */
export async function linkCommandLine(root) {
  const link = join(root, 'node_modules/.bin/fovea');
  const target = join('../..', ENTRY_POINT);
  await chmod(join(root, ENTRY_POINT), 0o755);
  if ((await readlink(link).catch(() => '')) === target) return;
  await rm(link, { force: true });
  await symlink(target, link);
}
