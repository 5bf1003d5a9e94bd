import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadConfig } from '../../../../src/app/config/load.js';
import { findGpus } from '../../../../src/app/supervisor/find-gpus.js';
import { processEnvironments } from '../../../../src/app/supervisor/process-environments.js';
import { shareState } from '../../../../src/app/supervisor/share-state.js';

const SHARED = {
  FOVEA_HISTORY_URL: 'postgres://db/fovea',
  FOVEA_STATE_DIR: '/var/lib/fovea',
  FOVEA_CORES: '8',
};

function environments(given: Record<string, string>, gpus: readonly string[] = []) {
  const env = { ...SHARED, ...given };
  return processEnvironments(loadConfig(env), env, { gpus });
}

t.test('one process has the settings of the supervisor', async (t) => {
  t.same(environments({ FOVEA_PROCESSES: '1', FOVEA_PORT: '0' }), [
    { ...SHARED, FOVEA_PROCESSES: '0', FOVEA_PORT: '0' },
  ]);
});

t.test('each of several has ports, a state, cores and a GPU of its own', async (t) => {
  const given = { FOVEA_PROCESSES: '3', FOVEA_PORT: '5000', FOVEA_GRPC_PORT: '8001' };
  const made = environments(given, ['0', 'GPU-1f']);
  t.match(made, [
    { FOVEA_PORT: '5001', FOVEA_GRPC_PORT: '8001', CUDA_VISIBLE_DEVICES: '0', FOVEA_CORES: '2' },
    { FOVEA_PORT: '5002', FOVEA_GRPC_PORT: '8002', CUDA_VISIBLE_DEVICES: 'GPU-1f' },
    { FOVEA_PORT: '5003', FOVEA_GRPC_PORT: '8003', CUDA_VISIBLE_DEVICES: '0' },
  ]);
  for (const [index, env] of made.entries()) {
    const { http, storage, supervision, inference } = loadConfig(env);
    t.equal(http.sharedPort, '5000');
    t.equal(supervision.processes, 0);
    t.equal(storage.stateDir, `/var/lib/fovea/processes/${index + 1}`);
    t.equal(inference.cores, 2);
  }
  const [onCpu] = environments({ ...given, FOVEA_DEVICE: 'cpu' }, ['0']);
  t.equal(onCpu?.CUDA_VISIBLE_DEVICES, undefined);
});

t.test('GPUs are those that CUDA_VISIBLE_DEVICES names, else all of the driver', async (t) => {
  const folder = t.testdir({ '0000:00:04.0': {}, '0000:00:05.0': {} });
  t.same(findGpus('2, MIG-7', folder), ['2', 'MIG-7']);
  t.same(findGpus('', folder), []);
  t.same(findGpus(undefined, folder), ['0', '1']);
  t.same(findGpus(undefined, join(folder, 'missing')), []);
});

t.test('settings that several processes cannot share are refused', async (t) => {
  const refusal = (given: Record<string, string>): string => {
    try {
      loadConfig({ FOVEA_PROCESSES: '4', ...given });
      return '';
    } catch (error) {
      return String(error);
    }
  };
  t.match(refusal({}), /FOVEA_PROCESSES=4 needs FOVEA_HISTORY_URL/);
  t.equal(refusal(SHARED), '');
  t.match(refusal({ ...SHARED, FOVEA_ROLLOUT_POLL_MS: '0' }), /FOVEA_ROLLOUT_POLL_MS/);
  t.match(refusal({ ...SHARED, FOVEA_PORT: '0' }), /needs FOVEA_PORT above 0/);
  t.match(refusal({ ...SHARED, FOVEA_PORT: '65533' }), /the 4 ports after it/);
  t.match(refusal({ ...SHARED, FOVEA_GRPC_PORT: '5004' }), /must not meet/);
  t.match(refusal({ ...SHARED, FOVEA_GRPC_PORT: '4997' }), /must not meet/);
  t.equal(refusal({ ...SHARED, FOVEA_GRPC_PORT: '4996' }), '');
  t.match(refusal({ ...SHARED, FOVEA_KEEP_IMAGES: 'true' }), /FOVEA_KEEP_IMAGES/);
  t.match(refusal({ ...SHARED, FOVEA_SHARED_PORT: '5000' }), /leave it off/);
});

t.test('the processes read keys, token and trained versions of one folder', async (t) => {
  const folder = t.testdir();
  const config = loadConfig({ ...SHARED, FOVEA_PROCESSES: '2', FOVEA_STATE_DIR: folder });
  await shareState(config);
  await shareState(config);
  writeFileSync(join(folder, 'api-keys.json'), '{}');
  mkdirSync(join(folder, 'models', 'pets'));
  writeFileSync(join(folder, 'models', 'pets', 'file'), 'a version');
  const token = readFileSync(join(folder, 'admin-token'), 'utf8');
  for (const number of ['1', '2']) {
    const own = join(folder, 'processes', number);
    t.equal(readFileSync(join(own, 'admin-token'), 'utf8'), token);
    t.equal(readFileSync(join(own, 'api-keys.json'), 'utf8'), '{}');
    t.equal(readFileSync(join(own, 'models', 'pets', 'file'), 'utf8'), 'a version');
  }
});
