import { readFile, readlink } from 'node:fs/promises';
import t, { type Test } from 'tap';
import { layOneDnn } from '../../../setup/onednn.mjs';
import { setupContext } from '../../support/setup-context.js';

const HOST = { platform: 'linux', arch: 'x64', node: '20.17.0', abi: '115', glibc: '2.36' };
const CACHED = 'onednn-2023.2.0-linux-x64';
/** Neither Python nor anything else can be found. */
const NO_TOOLS = { PATH: '/nonexistent' };

function systemWith(version: string) {
  const [major = '', minor = '', patch = ''] = version.split('.');
  const lines = Object.entries({ MAJOR: major, MINOR: minor, PATCH: patch });
  const header = lines.map(([part, number]) => `#define DNNL_VERSION_${part} ${number}`).join('\n');
  return {
    include: { oneapi: { dnnl: { 'dnnl_version.h': header } } },
    lib: { 'x86_64-linux-gnu': { 'libdnnl.so': '' } },
  };
}

interface Machine {
  readonly isCached?: boolean;
  /** The version of oneDNN that is installed. */
  readonly system?: string;
}

function checkout(t: Test, { isCached = false, system }: Machine) {
  const cache = isCached ? { [CACHED]: { lib: {} } } : {};
  const root = t.testdir({ native: {}, cache, system: system === undefined ? {} : systemWith(system) });
  const context = setupContext(root, NO_TOOLS);
  return { root, context, lay: () => layOneDnn(context, HOST, `${root}/system`) };
}

t.test('what is in the cache is used without any tool or network', async (t) => {
  const { root, context, lay } = checkout(t, { isCached: true });
  for (const _ of ['first', 'second']) t.equal(await lay(), `${root}/cache/${CACHED}`);
  t.equal(await readlink(`${root}/native/deps`), `${root}/cache/${CACHED}`);
  t.strictSame(context.shown, []);
});

t.test('where the wheels cannot be had, the system’s oneDNN 3 will do', async (t) => {
  const { root, lay } = checkout(t, { system: '3.6.2' });
  t.match(await lay(), /x86_64-linux-gnu 3\.6\.2$/);
  t.match(await readFile(`${root}/native/deps/include/oneapi/dnnl/dnnl_version.h`, 'utf8'), /MAJOR 3/);
  t.equal(await readFile(`${root}/native/deps/lib/libdnnl.so`, 'utf8'), '');
});

t.test('an older oneDNN of the system will not do: both causes are told, with the remedy', async (t) => {
  const { lay } = checkout(t, { system: '2.6.3' });
  await t.rejects(lay(), { name: 'SetupError', message: /no python3.*no oneDNN 3 either.*libdnnl-dev/s });
});
