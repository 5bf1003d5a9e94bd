import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Starts the compiled server for a check: on a free port of the loopback interface, with a state directory of its own.
 * @param {string} root The checkout.
 * @param {Record<string, string>} settings
 * @param {AbortSignal} signal Ends it.
 */
export async function startServer(root, settings, signal) {
  const state = await mkdtemp(join(tmpdir(), 'fovea-trial-'));
  const fixed = { FOVEA_HOST: '127.0.0.1', FOVEA_PORT: '0', FOVEA_STATE_DIR: state, FOVEA_LOG_LEVEL: 'info' };
  const child = spawn(process.execPath, ['dist/src/main.js'], {
    cwd: root,
    env: { ...process.env, ...fixed, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  });
  let output = '';
  const ended = once(child, 'close').then(([code]) => ({
    code: /** @type {number | null} */ (code),
    output,
  }));
  /** @type {Promise<string>} Settles with its address when it is ready. */
  const ready = new Promise((resolve, reject) => {
    const look = (/** @type {Buffer} */ chunk) => {
      output += chunk;
      const port = /"port":(\d+)/.exec(output)?.[1];
      if (port && /"msg":"ready"/.test(output)) resolve(`http://127.0.0.1:${port}`);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    ended.then(({ code }) => reject(new Error(`The server ended with ${code}:\n${output}`)), reject);
  });
  // A caller that awaits only `ended` must not get an unhandled rejection.
  ready.catch(() => {});
  /**
   * Classifies an image of the tests.
   * @param {string} image
   * @returns {Promise<{ engine: { name: string, device: string }, answer: { predicted_class: string } }>}
   */
  const predict = async (image) => {
    const url = await ready;
    const body = await readFile(join(root, 'tests/fixtures/images', image));
    const headers = { 'Content-Type': 'image/jpeg' };
    const health = await fetch(`${url}/api/health`);
    const answer = await fetch(`${url}/api/predict`, { method: 'POST', headers, body });
    return { engine: JSON.parse(await health.text()).engine, answer: JSON.parse(await answer.text()) };
  };
  const end = async () => {
    child.kill();
    await ended.catch(() => {});
    await rm(state, { recursive: true, force: true });
  };
  return { ready, ended, predict, end };
}
