import t from 'tap';
import { withGpuDefaults } from '../../../../src/app/config/gpu-defaults.js';
import { loadConfig } from '../../../../src/app/config/load.js';

const { inference } = loadConfig({ FOVEA_DEVICE: 'cpu', FOVEA_INSTANCES: '8' });
const onAnyDevice = { ...inference, device: 'auto' } as const;
const nothingGiven = () => false;

t.test('a GPU gets two instances and large batches', async (t) => {
  t.match(withGpuDefaults(onAnyDevice, nothingGiven, true), { instances: 2, maxBatchSize: 256 });
});

t.test('what the operator has set stays', async (t) => {
  const chosen = withGpuDefaults(onAnyDevice, (name) => name === 'FOVEA_INSTANCES', true);
  t.match(chosen, { instances: 8, maxBatchSize: 256 });
});

t.test('the defaults of processors stay where the GPU is not used', async (t) => {
  t.equal(withGpuDefaults(onAnyDevice, nothingGiven, false), onAnyDevice, 'without a driver');
  t.equal(withGpuDefaults(inference, nothingGiven, true), inference, 'with FOVEA_DEVICE=cpu');
  const native = { ...onAnyDevice, engine: 'native' } as const;
  t.equal(withGpuDefaults(native, nothingGiven, true), native, 'with an engine for processors');
});
