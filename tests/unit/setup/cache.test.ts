import { readdir, readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { cacheDirectory, fillOnce } from '../../../setup/cache.mjs';
import { setupContext } from '../../support/setup-context.js';

const write = async ({ result, scratch }: { result: string; scratch: string }) => {
  await writeFile(`${scratch}/download`, 'packed');
  await writeFile(`${result}/library`, 'whole');
};

t.test('the cache lies where the environment says', async (t) => {
  t.equal(cacheDirectory({ FOVEA_CACHE_DIR: '/c', XDG_CACHE_HOME: '/x' }), '/c');
  t.equal(cacheDirectory({ XDG_CACHE_HOME: '/x' }), '/x/fovea');
  t.match(cacheDirectory({}), /\/\.cache\/fovea$/);
});

t.test('a folder is filled once, and nothing else is left', async (t) => {
  const context = setupContext(t.testdir());
  const folder = await fillOnce('lib-1', 0, write, context);
  t.equal(await readFile(`${folder}/library`, 'utf8'), 'whole');
  t.strictSame(await readdir(cacheDirectory(context.env)), ['lib-1']);
  t.equal(await fillOnce('lib-1', 0, () => Promise.reject(new Error('filled again')), context), folder);
});

t.test('a failure leaves nothing behind', async (t) => {
  const context = setupContext(t.testdir());
  const fail = async (folders: { result: string; scratch: string }) => {
    await write(folders);
    throw new Error('wrong checksum');
  };
  await t.rejects(fillOnce('lib-1', 0, fail, context), { message: 'wrong checksum' });
  t.strictSame(await readdir(cacheDirectory(context.env)), []);
});

t.test('an interruption leaves nothing behind, even when it comes last', async (t) => {
  const interruption = new AbortController();
  const context = setupContext(t.testdir(), {}, interruption.signal);
  const interrupted = fillOnce(
    'lib-1',
    0,
    async (folders) => {
      await write(folders);
      interruption.abort(new Error('Interrupted.'));
    },
    context,
  );
  await t.rejects(interrupted, { message: 'Interrupted.' });
  t.strictSame(await readdir(cacheDirectory(context.env)), []);
});

t.test('what a killed set-up left is cleared away', async (t) => {
  const context = setupContext(t.testdir({ cache: { 'unfinished-a1': { result: { library: 'ha' } } } }));
  await fillOnce('lib-1', 0, write, context);
  t.strictSame(await readdir(cacheDirectory(context.env)), ['lib-1']);
});

t.test('two clones at once fill it once', async (t) => {
  const root = t.testdir();
  let fills = 0;
  const slowly = async (folders: { result: string; scratch: string }) => {
    fills++;
    await sleep(100);
    await write(folders);
  };
  const folders = await Promise.all([1, 2].map(() => fillOnce('lib-1', 0, slowly, setupContext(root))));
  t.equal(fills, 1);
  t.equal(folders[0], folders[1]);
});

t.test('too little disk space is told before anything is fetched', async (t) => {
  const context = setupContext(t.testdir());
  const refused = fillOnce('lib-1', 1e12, async () => void t.fail('filled'), context);
  await t.rejects(refused, { name: 'SetupError', message: /needs 1000000000000 MB.*FOVEA_CACHE_DIR/s });
});

t.test('a cache that cannot be written is an error with its path', async (t) => {
  const root = t.testdir({ file: '' });
  const context = setupContext(root, { FOVEA_CACHE_DIR: `${root}/file/cache` });
  await t.rejects(fillOnce('lib-1', 0, write, context), { message: /ENOTDIR.*file/ });
});
