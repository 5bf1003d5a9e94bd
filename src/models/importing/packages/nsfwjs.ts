import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { moduleLiteral } from './module-literal.js';
import { readNpmFiles } from './npm-files.js';

/** nsfwjs holds its models as modules of JavaScript: the topology as an object, each shard of weights as base64.
 * @param folder of the package */
export function layNsfwjs(folder: string) {
  return async ([archive = new Uint8Array()]: readonly Uint8Array[], into: string): Promise<void> => {
    const modules = await readNpmFiles(archive, (path) => dirname(path) === folder && path.endsWith('.js'));
    for (const [path, source] of modules) {
      const value = moduleLiteral(source);
      const target = basename(path).replace(/\.min\.js$/, '');
      if (target === 'model') await writeFile(join(into, 'model.json'), JSON.stringify(value));
      else await writeFile(join(into, target), Buffer.from(z.base64().parse(value), 'base64'));
    }
  };
}
