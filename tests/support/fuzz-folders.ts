import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkPlan } from '../../src/models/engines/check-plan.js';
import { openModel } from '../../src/models/formats/open-model.js';
import { openVersion } from '../../src/models/repository/open-version.js';
import { type FuzzTarget, refusesBy } from './fuzz-targets.js';
import type { Mutations } from './mutations.js';

type Holder = Record<string, unknown>;

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null;
}

function holdersOf(value: Holder): Holder[] {
  return [value, ...Object.values(value).filter(isHolder).flatMap(holdersOf)];
}

const ODD: readonly unknown[] = [
  null,
  true,
  '',
  'x',
  '../x',
  -1,
  0,
  1e9,
  1e308,
  0.5,
  [],
  {},
  [[]],
  ['a', 'a'],
  [-1, 0],
  [1e9, 1e9],
];

/** Replaces, removes or repeats some values of a JSON document, which stays JSON. */
function changedJson(text: string, mutations: Mutations): string {
  const document: unknown = JSON.parse(text);
  if (!isHolder(document)) return text;
  for (let left = 1 + mutations.below(3); left > 0; left--) {
    const holders = holdersOf(document).filter((holder) => Object.keys(holder).length > 0);
    const holder = holders[mutations.below(holders.length)];
    if (holder === undefined) break;
    const keys = Object.keys(holder);
    const key = keys[mutations.below(keys.length)] ?? '';
    const other = holders[mutations.below(holders.length)];
    const what = mutations.below(8);
    if (what === 0) delete holder[key];
    // Copied, because a document may not contain itself.
    else if (what === 1) holder[key] = structuredClone(Object.values(other ?? {})[0]);
    else holder[key] = structuredClone(ODD[mutations.below(ODD.length)]);
  }
  return JSON.stringify(document);
}

function damaged(name: string, bytes: Buffer, mutations: Mutations): Uint8Array {
  if (!name.endsWith('.json') || mutations.below(3) === 0) return mutations.of(bytes);
  return Buffer.from(changedJson(bytes.toString(), mutations));
}

async function readFolder(directory: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      files.map(async (path) => [path.slice(directory.length + 1), await readFile(path)] as const),
    ),
  );
}

/** The manifest with the digests of the damaged files, as an attacker would write it. */
function signed(manifest: string, files: ReadonlyMap<string, Uint8Array>): string {
  const document: unknown = JSON.parse(manifest);
  if (!isHolder(document) || !isHolder(document.files)) return manifest;
  for (const name of Object.keys(document.files)) {
    const bytes = files.get(name);
    if (bytes !== undefined)
      document.files[name] = {
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      };
  }
  return JSON.stringify(document);
}

/** Damages one file of a sound version, and opens the version as a rescan does.
 * @param original the folder of the version
 * @param work a folder that each case writes */
export async function modelFolders(original: string, work: string): Promise<FuzzTarget> {
  const sound = await readFolder(original);
  const names = [...sound.keys()];
  return async (mutations) => {
    const name = names[mutations.below(names.length)] ?? '';
    const files = new Map<string, Uint8Array>(sound);
    files.set(name, damaged(name, sound.get(name) ?? Buffer.alloc(0), mutations));
    if (name !== 'manifest.json')
      files.set('manifest.json', Buffer.from(signed(String(sound.get('manifest.json')), files)));
    await rm(work, { recursive: true, force: true });
    for (const [path, bytes] of files) {
      await mkdir(dirname(join(work, path)), { recursive: true });
      await writeFile(join(work, path), bytes);
    }
    await refusesBy(['model_invalid', 'engine_unavailable'], () => open(work));
  };
}

/** As `scanRepository` does, which turns every error into a text. */
async function open(directory: string): Promise<void> {
  const version = await openVersion({ directory, model: undefined, version: undefined });
  const compiled = await (await openModel(version)).plan();
  if ('plan' in compiled) checkPlan(compiled.plan, version.manifest);
}
