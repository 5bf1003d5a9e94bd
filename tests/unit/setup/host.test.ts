import { chmod, writeFile } from 'node:fs/promises';
import t from 'tap';
import {
  describeHost,
  findTool,
  type Host,
  requireCompiler,
  requireSupportedHost,
} from '../../../setup/host.mjs';

const NODE_20: Host = { platform: 'linux', arch: 'x64', node: '20.17.0', abi: '115', glibc: '2.27' };

t.test('hosts on which all of Fovea runs are accepted', async (t) => {
  t.doesNotThrow(() => requireSupportedHost(describeHost()), 'the one that runs this test');
  t.doesNotThrow(() => requireSupportedHost(NODE_20));
  t.doesNotThrow(() => requireSupportedHost({ ...NODE_20, arch: 'arm64' }));
  t.doesNotThrow(() => requireSupportedHost({ ...NODE_20, node: '22.12.0', abi: '127', glibc: '2.38' }));
});

t.test('others are refused with what to do', async (t) => {
  const refusal = (difference: Partial<Host>) => {
    const host = { ...NODE_20, ...difference };
    return t.throws(() => requireSupportedHost(host), { name: 'SetupError', message: /→/ });
  };
  t.match(refusal({ platform: 'darwin' }), { message: /darwin x64/ });
  t.match(refusal({ glibc: undefined }), { message: /musl/ });
  t.match(refusal({ node: '23.1.0', abi: '131' }), { message: /no binary for Node 23\.1\.0/ });
  t.match(refusal({ node: '22.12.0', abi: '127', glibc: '2.36' }), {
    message: /needs glibc 2\.38 or later under Node 22\.12\.0; this system has 2\.36.*Node 20/s,
  });
});

t.test('a tool is found where the PATH says first', async (t) => {
  const folder = t.testdir({ early: { make: '' }, late: { make: '', python3: '' } });
  for (const tool of ['early/make', 'late/make', 'late/python3']) await chmod(`${folder}/${tool}`, 0o755);
  const env = { PATH: `${folder}/none:${folder}/early:${folder}/late` };
  t.equal(findTool(['make'], env), `${folder}/early/make`);
  t.equal(findTool(['python', 'python3'], env), `${folder}/late/python3`);
  await writeFile(`${folder}/early/notes`, 'not executable');
  t.equal(findTool(['notes', 'absent'], env), undefined);
});

t.test('all that is missing to compile is named at once, with the packages that hold it', async (t) => {
  const folder = t.testdir({ make: '' });
  await chmod(`${folder}/make`, 0o755);
  t.throws(() => requireCompiler({ PATH: folder }), {
    name: 'SetupError',
    message: /^Missing on the PATH: python3, a C\+\+ compiler\.\n.*apt install build-essential python3/,
  });
});
