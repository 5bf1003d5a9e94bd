import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { parseJsonText } from '../../platform/json-text.js';
import type { Manifest } from './manifest.js';
import type { ModelVersion } from './model-version.js';
import { parseManifest } from './parse-manifest.js';
import type { FoundVersion } from './survey-folder.js';
import { isVersionFile } from './version-file.js';

function invalid(reason: string, cause?: unknown): FoveaError {
  return new FoveaError('model_invalid', reason, { cause });
}

/** @throws FoveaError `model_invalid` */
export async function readManifest(directory: string): Promise<Manifest> {
  const text = await readFile(join(directory, 'manifest.json'), 'utf8').catch((error: unknown) => {
    throw invalid('The version has no readable manifest.json.', error);
  });
  try {
    return parseManifest(parseJsonText(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? `\n${z.prettifyError(error)}` : ' it is not JSON.';
    throw invalid(`The version's manifest.json is invalid:${reason}`, error);
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Compares each file with its digest, because a damaged file may load and give wrong answers. */
async function verifyFiles(directory: string, { files }: Manifest): Promise<void> {
  for (const [name, { bytes, sha256 }] of Object.entries(files)) {
    if (!isVersionFile(name)) throw invalid(`The manifest names a file outside its folder: ${name}.`);
    const path = join(directory, name);
    const { size } = await stat(path).catch((error: unknown) => {
      throw invalid(`The version's file ${name} is missing.`, error);
    });
    if (size !== bytes) throw invalid(`${name} has ${size} bytes, its manifest says ${bytes}.`);
    if ((await sha256Of(path)) !== sha256)
      throw invalid(`${name} was changed: its sha256 differs from the manifest's.`);
  }
}

/** Reads the manifest of a version that lies in folders of its model's and its own name.
 * @throws FoveaError `model_invalid` */
export async function readFoundManifest({ directory, model, version }: FoundVersion): Promise<Manifest> {
  const manifest = await readManifest(directory);
  const isAsNamed =
    (model ?? manifest.model) === manifest.model && (version ?? manifest.version) === manifest.version;
  if (isAsNamed) return manifest;
  throw invalid(`The folder ${model ?? ''}/${version} holds ${manifest.model} version ${manifest.version}.`);
}

/** Reads a version's manifest and verifies that every file exists and is unchanged.
 * @throws FoveaError `model_invalid` */
export async function openVersion(found: FoundVersion): Promise<ModelVersion> {
  const { directory } = found;
  const manifest = await readFoundManifest(found);
  await verifyFiles(directory, manifest);
  return { model: manifest.model, version: manifest.version, directory, manifest };
}
