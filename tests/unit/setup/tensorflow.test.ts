import { existsSync } from 'node:fs';
import t from 'tap';
import { prepareTensorFlow } from '../../../setup/tensorflow.mjs';
import { setupContext } from '../../support/setup-context.js';

const HOST = { platform: 'linux', arch: 'x64', node: '20.17.0', abi: '115', glibc: '2.36' };

t.test(
  'without any libtensorflow set-up goes on, and says what that means, why, and what to do',
  async (t) => {
    const warning = await prepareTensorFlow(setupContext(t.testdir(), { PATH: '/nonexistent' }), HOST);
    t.match(
      warning,
      /^NO TENSORFLOW.*WASM engine.*cannot train.*FOVEA_ENGINE=wasm.*no python3.*apt install/s,
    );
  },
);

t.test('FOVEA_ENGINE=wasm says that this is meant: nothing is fetched and nothing is said', async (t) => {
  const context = setupContext(t.testdir(), { FOVEA_ENGINE: 'wasm' });
  t.equal(await prepareTensorFlow(context, HOST), '');
  t.strictSame(context.shown, []);
  t.notOk(existsSync(`${context.root}/cache`));
});
