import { lstat, mkdir, symlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { ADMIN_TOKEN_FILE, AdminToken } from '../../fronts/door/admin-token.js';
import { API_KEYS_FILE } from '../../fronts/door/api-keys.js';
import { ClientHash } from '../../fronts/door/client-hash.js';
import type { Config } from '../config/schema.js';
import { stateDirOf } from './process-environments.js';

const CLIENT_SECRET_FILE = 'client-secret';

/** All processes read these from the state directory itself: keys, the default model, trained versions, and measurements of this
 * machine. */
const SHARED: readonly string[] = [
  ...[ADMIN_TOKEN_FILE, API_KEYS_FILE, CLIENT_SECRET_FILE],
  ...['default-model.json', 'models', 'calibrations', 'precisions'],
];
const FOLDERS: readonly string[] = ['models', 'calibrations', 'precisions'];

async function linkTo(target: string, path: string): Promise<void> {
  const exists = await lstat(path).then(
    () => true,
    () => false,
  );
  if (!exists) await symlink(relative(dirname(path), target), path);
}

/** Makes the state directory of each process, with links to what all share.
 * @throws the file system's error when FOVEA_STATE_DIR cannot be written */
export async function shareState(config: Config): Promise<void> {
  const common = resolve(config.storage.stateDir);
  for (const folder of FOLDERS) await mkdir(join(common, folder), { recursive: true });
  // Before a process would make one of its own.
  await AdminToken.open(join(common, ADMIN_TOKEN_FILE));
  await ClientHash.open(join(common, CLIENT_SECRET_FILE));
  for (let number = 1; number <= config.supervision.processes; number++) {
    const own = stateDirOf(config, number);
    await mkdir(own, { recursive: true });
    for (const name of SHARED) await linkTo(join(common, name), join(own, name));
  }
}
