import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
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
