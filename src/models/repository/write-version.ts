import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncPath } from '../../platform/sync-files.js';
import { ACCEPTANCE_FILE, type Acceptance, acceptanceText } from './acceptance.js';
import { digestsOf } from './add-file.js';
import { listVersions } from './list-versions.js';
import type { WrittenManifest } from './manifest.js';
import { parseManifest } from './parse-manifest.js';
import { unfinishedName } from './unfinished-folders.js';

/** A manifest without the fields that `writeVersion` sets. */
export type ManifestDraft = Omit<WrittenManifest, 'version' | 'files'>;

export interface WriteOptions {
  /** Further repositories whose version numbers are taken. */
  readonly otherDirs?: readonly string[];
  /** Default: accepted. */
  readonly acceptance?: Acceptance | undefined;
}

async function nextVersion(modelDir: string, model: string, otherDirs: readonly string[]): Promise<number> {
  const names = await readdir(modelDir);
  const here = names
    .filter((name) => /^[1-9]\d*$/.test(name))
    .map(Number)
    .filter(Number.isSafeInteger);
  const elsewhere = await Promise.all(otherDirs.map((directory) => listVersions(directory).catch(() => [])));
  const taken = elsewhere.flat().filter((listed) => listed.model === model);
  return 1 + Math.max(0, ...here, ...taken.map(({ version }) => version));
}

/**
 * Writes a new version of a model under the next free number, atomically: it renames a finished folder.
 * @param files contents by name, without the manifest
 */
export async function writeVersion(
  modelsDir: string,
  draft: ManifestDraft,
  files: Readonly<Record<string, Uint8Array>>,
  { otherDirs = [], acceptance }: WriteOptions = {},
): Promise<{ version: number; directory: string }> {
  const modelDir = join(modelsDir, draft.model);
  const unfinished = join(modelDir, unfinishedName());
  await mkdir(unfinished, { recursive: true });
  try {
    for (const [name, bytes] of Object.entries(files)) {
      await mkdir(dirname(join(unfinished, name)), { recursive: true });
      await writeFile(join(unfinished, name), bytes, { flush: true });
    }
    if (acceptance !== undefined)
      await writeFile(join(unfinished, ACCEPTANCE_FILE), acceptanceText(acceptance), { flush: true });
    // Another process may take the number before the rename. Then the rename fails, and the next number is tried.
    for (;;) {
      const version = await nextVersion(modelDir, draft.model, otherDirs);
      const directory = join(modelDir, String(version));
      const manifest = parseManifest({ ...draft, version, files: digestsOf(files) });
      await writeFile(join(unfinished, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`, {
        flush: true,
      });
      await syncPath(unfinished);
      const isMine = await rename(unfinished, directory).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false;
          throw error;
        },
      );
      if (isMine) {
        await syncPath(modelDir);
        return { version, directory };
      }
    }
  } finally {
    await rm(unfinished, { recursive: true, force: true });
    // The folder of a model that has no version; any other is not empty, and stays.
    await rmdir(modelDir).catch(() => undefined);
  }
}
