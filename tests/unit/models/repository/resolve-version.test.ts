import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import t from 'tap';
import { acceptVersion, writeAcceptance } from '../../../../src/models/repository/acceptance.js';
import { surveyRepository } from '../../../../src/models/repository/find-versions.js';
import { stretchedInput } from '../../../../src/models/repository/image-input.js';
import { listVersions } from '../../../../src/models/repository/list-versions.js';
import type { WrittenManifest } from '../../../../src/models/repository/manifest.js';
import { resolveVersion } from '../../../../src/models/repository/resolve-version.js';
import { removeUnfinished, unfinishedName } from '../../../../src/models/repository/unfinished-folders.js';
import { writeVersion } from '../../../../src/models/repository/write-version.js';

const WEIGHTS = Buffer.from('weights');

async function writeVersionFiles(directory: string, model: string, version: number): Promise<void> {
  const manifest: WrittenManifest = {
    format: 2,
    model,
    version,
    created_at: '2026-01-01T00:00:00Z',
    description: '',
    labels: ['a', 'b'],
    input: stretchedInput({ height: 1, width: 1, channels: 3 }, 1, 0),
    files: {
      'weights.bin': { bytes: WEIGHTS.length, sha256: createHash('sha256').update(WEIGHTS).digest('hex') },
    },
    metrics: {},
  };
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'weights.bin'), WEIGHTS);
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
}

t.test('the highest version of the only model is taken, by number and not by name', async (t) => {
  const root = t.testdir();
  for (const version of [1, 9, 10]) await writeVersionFiles(join(root, 'm', String(version)), 'm', version);
  const found = await resolveVersion(root);
  t.match(found, { model: 'm', version: 10, directory: join(root, 'm', '10') });
  t.match(await resolveVersion(root, { version: 9 }), { version: 9 });
  await t.rejects(resolveVersion(root, { version: 2 }), { code: 'not_found' });
});

t.test('of several models the first by name is meant where none is named', async (t) => {
  const root = t.testdir();
  await writeVersionFiles(join(root, 'a', '1'), 'a', 1);
  await writeVersionFiles(join(root, 'b', '1'), 'b', 1);
  t.match(await resolveVersion(root), { model: 'a' });
  t.match(await resolveVersion(root, { model: 'b' }), { model: 'b' });
  await t.rejects(resolveVersion(root, { model: 'c' }), { code: 'not_found' });
});

t.test('folders of versions, and the files themselves, are repositories too', async (t) => {
  const numbered = t.testdir();
  await writeVersionFiles(join(numbered, '1'), 'm', 1);
  await writeVersionFiles(join(numbered, '2'), 'm', 2);
  t.match(await resolveVersion(numbered), { model: 'm', version: 2 });
  await t.rejects(resolveVersion(numbered, { model: 'other' }), { code: 'not_found' });
  const bare = join(numbered, '2');
  t.match(await resolveVersion(bare), { model: 'm', version: 2, directory: bare });
  await t.rejects(resolveVersion(bare, { version: 1 }), { code: 'not_found' });
});

t.test('a repository may be read-only', async (t) => {
  const root = t.testdir();
  await writeVersionFiles(join(root, '1'), 'm', 1);
  await chmod(root, 0o555);
  const found = await resolveVersion(root).finally(() => chmod(root, 0o755));
  t.match(found, { version: 1 });
});

t.test('unfinished versions and other folders are no versions', async (t) => {
  const root = t.testdir({ m: { notes: {}, '03': {}, '4': {} } });
  await writeVersionFiles(join(root, 'm', '.unfinished-x'), 'm', 2);
  await t.rejects(resolveVersion(root), { code: 'not_found' });
  await t.rejects(resolveVersion(join(root, 'nowhere')), { code: 'model_invalid' });
});

t.test('folders of killed writers go; those of running writers and of other hosts stay', async (t) => {
  const root = t.testdir({ m: {} });
  const child = spawn('true');
  await once(child, 'exit');
  const id = randomUUID();
  const dead = [
    join(root, `.unfinished-${id}-${child.pid}-${hostname()}`),
    join(root, 'm', `.unfinished-${id}-${child.pid}-${hostname()}`),
  ];
  const old = join(root, 'm', `.unfinished-${id}`);
  const kept = [
    join(root, 'm', unfinishedName()),
    join(root, 'm', `.unfinished-${id}-${child.pid}-another-host`),
  ];
  for (const folder of [...dead, old, ...kept]) await writeVersionFiles(folder, 'm', 2);
  await utimes(old, 1, 1);
  await writeVersionFiles(join(root, 'm', '1'), 'm', 1);
  t.same(new Set(await removeUnfinished(root)), new Set([...dead, old]));
  t.same(new Set(await readdir(join(root, 'm'))), new Set(['1', ...kept.map((path) => basename(path))]));
  t.same(await removeUnfinished(join(root, 'nowhere')), []);
});

t.test('a version that is not what its manifest says is model_invalid', async (t) => {
  const damage: Record<string, (directory: string) => Promise<void>> = {
    changed: (directory) => writeFile(join(directory, 'weights.bin'), 'WEIGHTS'),
    shorter: (directory) => writeFile(join(directory, 'weights.bin'), 'w'),
    'no JSON': (directory) => writeFile(join(directory, 'manifest.json'), '{'),
    'another manifest': (directory) => writeFile(join(directory, 'manifest.json'), '{}'),
    'of another version': (directory) => writeVersionFiles(directory, 'm', 3),
    'of another model': (directory) => writeVersionFiles(directory, 'n', 1),
  };
  const root = t.testdir();
  for (const [name, apply] of Object.entries(damage)) {
    const models = join(root, name);
    await writeVersionFiles(join(models, 'm', '1'), 'm', 1);
    await apply(join(models, 'm', '1'));
    await t.rejects(resolveVersion(models), { code: 'model_invalid' }, name);
  }
});

t.test(
  'versions of two repositories lie beside each other; the first one’s count where both have one',
  async (t) => {
    const root = t.testdir();
    const [shared, own] = [join(root, 'shared'), join(root, 'own')];
    for (const version of [1, 2]) await writeVersionFiles(join(shared, 'm', String(version)), 'm', version);
    for (const version of [2, 3]) await writeVersionFiles(join(own, 'm', String(version)), 'm', version);
    t.match(await resolveVersion([shared, own]), { version: 3, directory: join(own, 'm', '3') });
    t.match(await resolveVersion([shared, own], { version: 2 }), { directory: join(shared, 'm', '2') });
    t.match(await resolveVersion([shared, join(root, 'nowhere')]), { version: 2 });
    const draft = { ...(await resolveVersion(shared)).manifest };
    const written = await writeVersion(shared, draft, { 'weights.bin': WEIGHTS }, { otherDirs: [own] });
    t.equal(written.version, 4, 'numbers are unique over both');
  },
);

t.test('entries that are not versions are named with their reasons and hide no version', async (t) => {
  const folder = t.testdir();
  const root = join(folder, 'shared');
  const own = join(folder, 'own');
  await writeVersionFiles(join(root, '..2026_01_01', 'm', '3'), 'm', 3);
  await symlink('..2026_01_01', join(root, '..data'));
  await symlink('..data/m', join(root, 'm'));
  await symlink('nowhere', join(root, 'dangling'));
  await symlink('loop', join(root, 'loop'));
  await writeFile(join(root, 'README.md'), '');
  await mkdir(join(root, 'n', '.unfinished-1'), { recursive: true });
  await mkdir(join(root, 'n', '1'));
  await mkdir(join(root, 'n', '99999999999999999999'));
  await mkdir(join(root, 'n', '007'));
  await symlink('nowhere', join(root, 'n', '2'));
  await writeVersionFiles(join(own, 'm', '4'), 'm', 4);
  await symlink('nowhere', join(own, 'dangling'));

  const { versions, ignored } = await surveyRepository([root, own]);
  t.same(
    versions.map(({ model, version }) => `${model}/${version}`),
    ['m/3', 'm/4'],
  );
  t.same(
    ignored.map(({ path, reason }) => `${path}: ${reason}`),
    [
      'shared/..2026_01_01: Its name begins with a dot.',
      'shared/..data: Its name begins with a dot.',
      'shared/README.md: It is not a folder.',
      'shared/dangling: It is a link to a missing target.',
      'shared/loop: It cannot be read (ELOOP).',
      'shared/n/007: Its name is not a version number.',
      'shared/n/1: It has no manifest.json: the version may be copied only in part.',
      'shared/n/2: It is a link to a missing target.',
      'shared/n/99999999999999999999: Its number is above 9007199254740991.',
      'own/dangling: It is a link to a missing target.',
    ],
  );
  t.match(await resolveVersion([root, own]), { model: 'm', version: 4 });
});

t.test(
  'a copy of a version in a folder of another number is listed as that number, with its problem',
  async (t) => {
    const root = t.testdir();
    await writeVersionFiles(join(root, 'm', '1'), 'm', 1);
    await writeVersionFiles(join(root, 'm', '2'), 'm', 1);
    const [copy, original] = await listVersions(root);
    t.match(copy, { model: 'm', version: 2, problem: 'The folder m/2 holds m version 1.' });
    t.match(original, { model: 'm', version: 1, problem: undefined });
  },
);

t.test('unless a version is named, the highest accepted one is taken', async (t) => {
  const root = t.testdir();
  const directoryOf = (version: number): string => join(root, 'm', String(version));
  for (const version of [1, 2, 3, 4]) await writeVersionFiles(directoryOf(version), 'm', version);
  await writeAcceptance(directoryOf(1), { state: 'candidate', reason: null });
  await writeAcceptance(directoryOf(3), { state: 'refused', reason: 'It is worse.' });
  await writeFile(join(directoryOf(4), 'acceptance.json'), 'damaged');
  t.match(await resolveVersion(root), { version: 2 });
  t.match(await resolveVersion(root, { version: 3 }), { version: 3 }, 'a named version is taken anyway');
  const states = (await listVersions(root)).map(({ acceptance }) => acceptance.state);
  t.same(states, ['candidate', 'refused', 'accepted', 'candidate']);
  await acceptVersion(directoryOf(3));
  t.match(await resolveVersion(root), { version: 3 });

  const fresh = t.testdir({ fresh: {} });
  for (const version of [1, 2]) await writeVersionFiles(join(fresh, 'm', String(version)), 'm', version);
  await writeAcceptance(join(fresh, 'm', '1'), { state: 'candidate', reason: null });
  await writeAcceptance(join(fresh, 'm', '2'), { state: 'refused', reason: null });
  t.match(await resolveVersion(fresh), { version: 1 }, 'a candidate counts when no version was accepted');
});
