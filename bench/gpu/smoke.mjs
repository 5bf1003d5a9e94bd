/*
 * One prediction by the server as it lies here, to see that it runs at all:
 *
 *   FOVEA_ENGINE=tensorflow FOVEA_DEVICE=cuda node bench/gpu/smoke.mjs
 *
 * Prints the engine, the answer and the seconds from start to answer; the exit code is 1 when there is none.
 */
import { fileURLToPath } from 'node:url';
import { startServer } from '../../setup/trial-server.mjs';

const TIME_LIMIT_MS = 120_000;

const begin = performance.now();
const root = fileURLToPath(new URL('../..', import.meta.url));
const server = await startServer(root, {}, AbortSignal.timeout(TIME_LIMIT_MS));
try {
  console.log(JSON.stringify(await server.predict('cat-0000.jpg'), undefined, 2));
  console.log(`${((performance.now() - begin) / 1000).toFixed(1)} s`);
} finally {
  await server.end();
}
