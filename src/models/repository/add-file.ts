import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { replaceFile } from '../../platform/replace-file.js';
import type { Manifest } from './manifest.js';
import type { ModelVersion } from './model-version.js';

/** The manifest's entry for each file. */
export function digestsOf(files: Readonly<Record<string, Uint8Array>>): Manifest['files'] {
  return Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [
      name,
      { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
    ]),
  );
}

/**
 * Adds a file to a version that lacks it. Readers see all of it or nothing: a file that the manifest does not list is
 * ignored, and the manifest is replaced atomically.
 * @returns the path of the file
 * @throws FoveaError `version_exists` when the version has that file, because files of a version are immutable
 */
export async function addFile(
  { directory, manifest }: ModelVersion,
  name: string,
  bytes: Uint8Array,
): Promise<string> {
  if (name in manifest.files) {
    const message = `Version ${manifest.version} already has ${name}, and files of a version are immutable.`;
    throw new FoveaError('version_exists', message);
  }
  const file = join(directory, name);
  await writeFile(file, bytes, { flush: true });
  const path = join(directory, 'manifest.json');
  // Not `manifest`, because it lacks the keys that only a newer release knows.
  const kept = z.looseObject({}).parse(JSON.parse(await readFile(path, 'utf8')));
  const extended = { ...kept, files: { ...manifest.files, ...digestsOf({ [name]: bytes }) } };
  await replaceFile(path, `${JSON.stringify(extended, null, 2)}\n`);
  return file;
}
