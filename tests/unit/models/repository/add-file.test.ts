import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { addFile } from '../../../../src/models/repository/add-file.js';
import { openVersion } from '../../../../src/models/repository/open-version.js';
import { mobileNet } from '../../../support/architectures.js';
import { writeModelVersion } from '../../../support/model-version.js';

const NOTES = new TextEncoder().encode('as trained\n');

t.test('a file that a version came without can be added, once, and is verified from then on', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const found = { directory: version.directory, model: undefined, version: undefined };
  t.equal(await addFile(version, 'notes.txt', NOTES), join(version.directory, 'notes.txt'));

  const extended = await openVersion(found);
  const { 'notes.txt': added, ...others } = extended.manifest.files;
  t.match(added, { bytes: NOTES.length });
  t.strictSame(others, version.manifest.files, 'what was there stays');
  await t.rejects(addFile(extended, 'notes.txt', new Uint8Array()), { code: 'version_exists' });
  t.equal(await readFile(join(version.directory, 'notes.txt'), 'utf8'), 'as trained\n');
});

t.test('keys that only a newer release knows hurt nothing, and stay in the file', async (t) => {
  const { directory } = await writeModelVersion(t.testdir(), mobileNet());
  const path = join(directory, 'manifest.json');
  const read = async () => z.looseObject({}).parse(JSON.parse(await readFile(path, 'utf8')));
  const unknown = {
    colour: 'red',
    input: { ...z.looseObject({}).parse((await read()).input), order: 'rgb' },
  };
  await writeFile(path, JSON.stringify({ ...(await read()), ...unknown }));
  const version = await openVersion({ directory, model: undefined, version: undefined });
  await addFile(version, 'notes.txt', NOTES);
  t.match(await read(), { ...unknown, files: { 'notes.txt': { bytes: NOTES.length } } });
});
