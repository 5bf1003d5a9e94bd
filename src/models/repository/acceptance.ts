import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../../platform/replace-file.js';

/** The marker in a version's folder. The manifest does not list it, because it changes while the version's files do not. */
export const ACCEPTANCE_FILE = 'acceptance.json';

const acceptanceSchema = z.object({
  /** `candidate`: trained, but never activated; `refused`: by the accuracy gate. Only accepted versions are served unasked. */
  state: z.enum(['accepted', 'candidate', 'refused']),
  reason: z.string().nullable(),
});

/** Whether a version may be served without an activation, by any server that uses the repository. */
export type Acceptance = z.infer<typeof acceptanceSchema>;

const ACCEPTED: Acceptance = { state: 'accepted', reason: null };

/** Errors of folders that this server must not or cannot write. */
const READ_ONLY = ['EROFS', 'EACCES', 'EPERM'];

/** A version without a marker is accepted. A damaged marker counts as `candidate`. */
export async function readAcceptance(directory: string): Promise<Acceptance> {
  const text = await readFile(join(directory, ACCEPTANCE_FILE), 'utf8').catch(() => null);
  if (text === null) return ACCEPTED;
  try {
    return acceptanceSchema.parse(JSON.parse(text));
  } catch {
    return { state: 'candidate', reason: `Its ${ACCEPTANCE_FILE} is damaged.` };
  }
}

export function acceptanceText(acceptance: Acceptance): string {
  return `${JSON.stringify(acceptance)}\n`;
}

/** Replaces the marker. */
export async function writeAcceptance(directory: string, acceptance: Acceptance): Promise<void> {
  await replaceFile(join(directory, ACCEPTANCE_FILE), acceptanceText(acceptance));
}

/** Marks a version that somebody activated as accepted. A read-only repository keeps its marker: then the activation counts
 * for this state directory only. */
export async function acceptVersion(directory: string): Promise<void> {
  if ((await readAcceptance(directory)).state === 'accepted') return;
  try {
    await writeAcceptance(directory, ACCEPTED);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!READ_ONLY.includes(code)) throw error;
  }
}
