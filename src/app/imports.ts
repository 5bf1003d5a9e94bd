import { resolve } from 'node:path';
import { ModelImports, type ModelImportsOptions } from '../models/importing/uploads/model-imports.js';
import { importSettingsOf } from './config/derived.js';
import type { Deps } from './deps.js';

/** Models that clients upload. */
export function createImports(
  { config, log, env, lifecycle }: Deps,
  requireRoom: ModelImportsOptions['requireRoom'],
): ModelImports {
  const imports = new ModelImports({
    folder: resolve(config.storage.stateDir, 'imports'),
    env,
    settings: importSettingsOf(config),
    requireRoom,
    onProblem: (error) =>
      log.error({ err: error }, 'the files of an interrupted import could not be deleted'),
  });
  lifecycle.add({ name: 'imports', close: () => imports.close() });
  return imports;
}
