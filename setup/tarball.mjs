import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { run } from './command.mjs';
import { messageOf, SetupError } from './setup-error.mjs';

/**
 * The libtensorflow that `@tensorflow/tfjs-node-gpu` downloads by itself: old, but independent of Python.
 * @source its scripts/deps-constants.js and scripts/install.js; the SHA-256 as Nixpkgs pins it.
 */
export const TARBALL = {
  version: '2.9.1',
  build: 'linux-x64-cpu',
  path: 'tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz',
  sha256: '7f510d2546e3db5e10b1d119463689003d587842892ad3c95bca51cf82820173',
  unpackedMegabytes: 450,
};
const STORAGE = 'https://storage.googleapis.com/';

/**
 * Downloads and unpacks the tarball.
 * @param {{ path: string, sha256: string }} tarball
 * @param {{ result: string, scratch: string }} folders
 * @param {import('./context.mjs').Context} context `TFJS_NODE_CDN_STORAGE` names a mirror, as for the package itself.
 * @throws {SetupError} when the download fails or its SHA-256 differs.
 */
export async function fetchTarball({ path, sha256 }, { result, scratch }, { env, progress, signal }) {
  const url = new URL(path, env.TFJS_NODE_CDN_STORAGE || STORAGE);
  const file = join(scratch, 'libtensorflow.tar.gz');
  const found = await progress
    .step(`Downloading ${url}`, (report) => download(url, file, report, signal))
    .catch((error) => {
      signal.throwIfAborted();
      throw new SetupError(
        `${url} cannot be downloaded: ${messageOf(error.cause ?? error)}.`,
        'TFJS_NODE_CDN_STORAGE may name a mirror.',
      );
    });
  if (found !== sha256)
    throw new SetupError(
      `${url} has the SHA-256 ${found}, which differs from the one that Fovea pins.`,
      'It was deleted.',
    );
  await run('tar', ['-xzf', file, '-C', result], { env, signal });
}

/**
 * @param {URL} url
 * @param {string} file
 * @param {import('./progress.mjs').Report} report
 * @param {AbortSignal} signal
 * @returns {Promise<string>} Its SHA-256.
 */
async function download(url, file, report, signal) {
  const response = await fetch(url, { signal });
  if (!response.ok || !response.body) throw new Error(`HTTP status ${response.status}`);
  const totalBytes = Number(response.headers.get('content-length'));
  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      report(bytes / 1e6, totalBytes / 1e6);
      done(null, chunk);
    },
  });
  await pipeline(Readable.fromWeb(/** @type {any} */ (response.body)), measure, createWriteStream(file), {
    signal,
  });
  return hash.digest('hex');
}
