import { Registry } from 'prom-client';
import t from 'tap';
import { GpuMetrics, parseReadings } from '../../../src/observability/gpu-metrics.js';

t.test('the lines of nvidia-smi are read, card by card', async (t) => {
  t.same(parseReadings('0, 1024, 81559, 37\n1, 0, 81559, [N/A]\n'), [
    { index: '0', usedBytes: 1024 * 2 ** 20, totalBytes: 81559 * 2 ** 20, utilization: 0.37 },
    { index: '1', usedBytes: 0, totalBytes: 81559 * 2 ** 20, utilization: undefined },
  ]);
});

t.test('what is no reading is left out', async (t) => {
  t.same(parseReadings('NVIDIA-SMI has failed because it could not communicate with the driver.\n'), []);
});

t.test('the metrics are there, with or without a card', async (t) => {
  const registry = new Registry();
  new GpuMetrics(registry);
  t.match(await registry.metrics(), /# TYPE fovea_gpu_memory_used_bytes gauge/);
});
