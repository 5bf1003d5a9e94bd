import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FoveaError } from '../../platform/errors.js';
import { replaceFile } from '../../platform/replace-file.js';
import { type Manifest, manifestSchema } from './manifest.js';
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
  const extended = manifestSchema.parse({
    ...manifest,
    files: { ...manifest.files, ...digestsOf({ [name]: bytes }) },
  });
  await replaceFile(join(directory, 'manifest.json'), `${JSON.stringify(extended, null, 2)}\n`);
  return file;
}
