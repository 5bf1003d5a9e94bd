import { mkdir, writeFile } from 'node:fs/promises';
import t from 'tap';
import { prepareTensorFlow, setUpTensorFlow, wantsTensorFlow } from '../../../setup/tensorflow.mjs';
import { setupContext } from '../../support/setup-context.js';

const HOST = { platform: 'linux', arch: 'x64', node: '20.17.0', abi: '115', glibc: '2.36' };

t.test(
  'without any libtensorflow set-up goes on, and says what that means, why, and what to do',
  async (t) => {
    const warning = await prepareTensorFlow(setupContext(t.testdir(), { PATH: '/nonexistent' }), HOST);
    t.match(
      warning,
      /^No TensorFlow.*cannot train.*WASM engine.*FOVEA_ENGINE=wasm.*no python3.*apt install/s,
    );
  },
);

t.test('a training that cannot have it fails, with the same reasons', async (t) => {
  const context = setupContext(t.testdir(), { PATH: '/nonexistent' });
  await t.rejects(setUpTensorFlow(context, HOST), {
    name: 'SetupError',
    message: /No TensorFlow.*no python3/s,
  });
});

t.test(
  'a server wants no TensorFlow, unless it is told to or has a SavedModel: only trainings need it',
  async (t) => {
    const root = t.testdir({ models: {} });
    const wants = (env: NodeJS.ProcessEnv) => wantsTensorFlow(setupContext(root, env));
    t.equal(await wants({}), false);
    t.equal(await wants({ FOVEA_ENGINE: 'native', FOVEA_DEVICE: 'cuda' }), false);
    t.equal(await wants({ FOVEA_ENGINE: 'wasm' }), false);
    t.equal(await wants({ FOVEA_ENGINE: 'tensorflow' }), true);
    t.equal(await wants({ FOVEA_DEVICE: 'cuda' }), false, 'the cudnn engine predicts there');
    t.equal(await wants({ FOVEA_LIBTENSORFLOW_DIR: '/opt/libtensorflow' }), true);
    await mkdir(`${root}/models/cat/1`, { recursive: true });
    await writeFile(`${root}/models/cat/1/saved_model.pb`, '');
    t.equal(await wants({}), true);
  },
);
