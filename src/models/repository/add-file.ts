import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { replaceFile } from '../../platform/replace-file.js';
import type { Manifest } from './manifest.js';
import type { ModelVersion } from './model-version.js';

/** A version's files as its manifest lists them, by name. */
export function digestsOf(files: Readonly<Record<string, Uint8Array>>): Manifest['files'] {
  return Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [
      name,
      { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
    ]),
  );
}

/**
 * Adds a file to a version that came without it; all others stay as they are. Nobody sees half of it: a file that no
 * manifest lists counts for nothing, and the manifest is replaced as a whole.
 * @returns the file
 * @throws FoveaError `version_exists` when the version has that file: versions do not change
 */
export async function addFile(
  { directory, manifest }: ModelVersion,
  name: string,
  bytes: Uint8Array,
): Promise<string> {
  if (name in manifest.files) {
    const message = `Version ${manifest.version} has its ${name} already, and versions do not change.`;
    throw new FoveaError('version_exists', message);
  }
  const file = join(directory, name);
  await writeFile(file, bytes, { flush: true });
  const path = join(directory, 'manifest.json');
  // As it stands in the file: `manifest` lacks the keys that only a newer release knows.
  const kept = z.looseObject({}).parse(JSON.parse(await readFile(path, 'utf8')));
  const extended = { ...kept, files: { ...manifest.files, ...digestsOf({ [name]: bytes }) } };
  await replaceFile(path, `${JSON.stringify(extended, null, 2)}\n`);
  return file;
}
