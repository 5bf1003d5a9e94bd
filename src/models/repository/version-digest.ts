import { createHash } from 'node:crypto';
import type { Manifest } from './manifest.js';

/** Identifies a version by its files, because other repositories use the same names and numbers. */
export function versionDigest({ files }: Manifest): string {
  const lines = Object.entries(files).map(([name, { sha256 }]) => `${name} ${sha256}`);
  return createHash('sha256').update(lines.toSorted().join('\n')).digest('hex');
}
