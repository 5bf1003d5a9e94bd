import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { replaceFile } from '../../platform/replace-file.js';

const schema = z.object({ model: z.string().min(1) });

/** The default model, remembered over restarts: another model must never answer its requests. */
export interface DefaultModel {
  /** Undefined until a default model was served. */
  readonly name: string | undefined;
  remember(name: string): Promise<void>;
}

/** Opens the file, which need not exist.
 * @throws FoveaError `config_invalid` when it does not name a model */
export async function openDefaultModel(path: string): Promise<DefaultModel> {
  let name = await readName(path);
  return {
    get name() {
      return name;
    },
    remember: async (model) => {
      if (model === name) return;
      await replaceFile(path, `${JSON.stringify({ model })}\n`);
      name = model;
    },
  };
}

async function readName(path: string): Promise<string | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8'))).model;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new FoveaError('config_invalid', `${path} does not name the default model: repair or remove it.`, {
      cause: error,
    });
  }
}
