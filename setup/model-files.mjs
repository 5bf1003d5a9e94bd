import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/**
 * Whether a version of the repositories holds a file of this name.
 * @param {import('./context.mjs').Context} context
 * @param {string} name
 */
export async function hasModelFile({ root, env }, name) {
  const places = [env.FOVEA_MODELS_DIR || 'models', join(env.FOVEA_STATE_DIR || 'state', 'models')];
  const files = await Promise.all(
    places.map((place) => readdir(resolve(root, place), { recursive: true }).catch(() => [])),
  );
  return files.flat().some((file) => file.endsWith(name));
}
