import { chmod } from 'node:fs/promises';
import t from 'tap';
import { wantsCuda } from '../../../setup/cuda.mjs';
import { setupContext } from '../../support/setup-context.js';

t.test('the CUDA build is wanted where a driver is installed, unless FOVEA_DEVICE decides', async (t) => {
  const root = t.testdir({
    driver: {
      'libcuda.so.1': '',
      ldconfig: '#!/bin/sh\necho "libcuda.so.1 (libc6,x86-64) => /x/libcuda.so.1"\n',
    },
    bare: { ldconfig: '#!/bin/sh\necho "libc.so.6 (libc6,x86-64) => /x/libc.so.6"\n' },
  });
  for (const machine of ['driver', 'bare']) await chmod(`${root}/${machine}/ldconfig`, 0o755);
  const wants = (machine: string, env: NodeJS.ProcessEnv = {}) =>
    wantsCuda(setupContext(root, { FOVEA_DEVICE: 'auto', PATH: `${root}/${machine}:/bin`, ...env }));
  t.equal(await wants('driver'), true);
  t.equal(await wants('bare'), false);
  t.equal(await wants('bare', { LD_LIBRARY_PATH: `/nowhere:${root}/driver` }), true);
  t.equal(await wants('driver', { FOVEA_DEVICE: 'cpu' }), false);
  t.equal(await wants('bare', { FOVEA_DEVICE: 'cuda' }), true, 'an image may be built without a GPU');
});
