import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { test } from 'tap';
import { layOnnxRuntime, prepareOnnxRuntime, wantsOnnxRuntime } from '../../../setup/onnxruntime.mjs';
import { setupContext } from '../../support/setup-context.js';

const HOST = { platform: 'linux', arch: 'x64' } as const;

test('set-up fetches ONNX Runtime only where the server may need it', async (t) => {
  const root = t.testdir({ models: { cifar10: { 1: { 'model.json': '{}' } } } });
  t.notOk(await wantsOnnxRuntime(setupContext(root)));
  t.ok(await wantsOnnxRuntime(setupContext(root, { FOVEA_ENGINE: 'onnxruntime' })));
  await mkdir(`${root}/state/models/cat/1`, { recursive: true });
  await writeFile(`${root}/state/models/cat/1/model.onnx`, '');
  t.ok(await wantsOnnxRuntime(setupContext(root)), 'an imported model lies in the state directory');
  t.notOk(await wantsOnnxRuntime(setupContext(root, { FOVEA_ENGINE: 'native' })));
});

test('where the package is out of reach set-up says what is lost, and leaves nothing half-made', async (t) => {
  const root = t.testdir({ native: {} });
  const context = setupContext(root, { npm_config_offline: 'true', npm_config_cache: `${root}/npm` });
  t.match(await prepareOnnxRuntime(context, HOST), /NO ONNX RUNTIME/);
  t.notOk(existsSync(`${root}/native/onnxruntime`));
  await t.rejects(layOnnxRuntime(context, { platform: 'sunos', arch: 'x64' }), /no build for sunos/);
});
