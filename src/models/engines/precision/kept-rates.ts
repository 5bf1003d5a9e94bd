import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../../../platform/replace-file.js';
import type { PrecisionRate } from './choose.js';
import { rateSchema } from './measuring-task.js';

/** Everything that the rates depend on. */
export interface RatesKey {
  /** As the processor names itself. */
  readonly processor: string;
  /** Fovea's, because its kernels differ. */
  readonly release: string;
  /** Library and instruction set. */
  readonly executor: string;
  /** `versionDigest` */
  readonly version: string;
  readonly threads: number;
  readonly precisions: readonly string[];
}

const fileSchema = z.object({ rates: z.array(rateSchema).min(1), failures: z.array(z.string()) });

export type KeptRates = z.infer<typeof fileSchema>;

function placeIn(directory: string, key: RatesKey): string {
  return join(directory, `${createHash('sha256').update(JSON.stringify(key)).digest('hex')}.json`);
}

/** The rates of an earlier start; null where there are none, or the file is damaged. */
export async function readRates(directory: string, key: RatesKey): Promise<KeptRates | null> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(placeIn(directory, key), 'utf8')));
  } catch {
    return null;
  }
}

/** Writes the rates, with their key for readers of the file. */
export async function writeRates(
  directory: string,
  key: RatesKey,
  measured: { readonly rates: readonly PrecisionRate[]; readonly failures: readonly string[] },
): Promise<void> {
  await replaceFile(placeIn(directory, key), `${JSON.stringify({ ...key, ...measured }, null, 2)}\n`);
}
