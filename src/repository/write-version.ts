import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Manifest, manifestSchema } from '../contracts/manifest.js';
import { digestsOf } from './add-file.js';

/** A manifest before its version has a number and its files are written. */
export type ManifestDraft = Omit<Manifest, 'version' | 'files'>;

async function nextVersion(modelDir: string): Promise<number> {
  const names = await readdir(modelDir);
  return 1 + Math.max(0, ...names.filter((name) => /^[1-9]\d*$/.test(name)).map(Number));
}

/**
 * Writes a new version of a model under the next free number: all of it or nothing, by renaming a finished folder.
 * @param files contents by name, without the manifest
 */
export async function writeVersion(
  modelsDir: string,
  draft: ManifestDraft,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<{ version: number; directory: string }> {
  const modelDir = join(modelsDir, draft.model);
  const unfinished = join(modelDir, `.unfinished-${randomUUID()}`);
  await mkdir(unfinished, { recursive: true });
  try {
    for (const [name, bytes] of Object.entries(files)) {
      await writeFile(join(unfinished, name), bytes, { flush: true });
    }
    // Another training may take the number between looking and renaming: then rename fails, and we look again.
    for (;;) {
      const version = await nextVersion(modelDir);
      const directory = join(modelDir, String(version));
      const manifest = manifestSchema.parse({ ...draft, version, files: digestsOf(files) });
      await writeFile(join(unfinished, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`, {
        flush: true,
      });
      const isMine = await rename(unfinished, directory).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false;
          throw error;
        },
      );
      if (isMine) return { version, directory };
    }
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
