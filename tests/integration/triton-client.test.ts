/** NVIDIA's Python client, unchanged. Needs `pip install 'tritonclient[http,grpc]'` for TEST_PYTHON (python3). */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import { freePort } from '../support/free-port.js';
import { startServer } from '../support/running-server.js';

const PYTHON = process.env.TEST_PYTHON ?? 'python3';
const HAS_CLIENT = spawnSync(PYTHON, ['-c', 'import tritonclient.http.aio, tritonclient.grpc']).status === 0;
const IMAGE = 'tests/fixtures/images/cat-0000.jpg';

t.test('tritonclient', { skip: HAS_CLIENT ? false : 'tritonclient is not installed' }, async (t) => {
  const grpcPort = await freePort();
  const { port } = await startServer(t, {
    FOVEA_GRPC_PORT: String(grpcPort),
    FOVEA_ENGINE: 'native',
    FOVEA_PRECISION: 'float32',
  });
  const run = async (script: string, url: string): Promise<string> => {
    const args = [`tests/clients/${script}`, url, IMAGE];
    return (await promisify(execFile)(PYTHON, args, { timeout: 120_000 })).stdout;
  };
  t.match(await run('triton_http.py', `127.0.0.1:${port}`), /all right\n$/);
  t.match(await run('triton_grpc.py', `127.0.0.1:${grpcPort}`), /all right\n$/);
});
