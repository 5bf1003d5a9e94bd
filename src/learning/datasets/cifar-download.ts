import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FoveaError } from '../../platform/errors.js';
import { tarFiles } from './archive.js';
import { cifarRecords, cifarSplitOf } from './cifar-binary.js';
import type { ImageSource, SourceImage } from './dataset.js';

/** @source https://www.cs.toronto.edu/~kriz/cifar.html */
const ARCHIVE_URL = 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz';
const ARCHIVE_MD5 = 'c32a1d4ab5d03f1284b67883e8d87530';

/** Called during the download; `totalBytes` is 0 when the server sends no length. */
export type DownloadProgress = (bytes: number, totalBytes: number) => void;

async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function download(path: string, onProgress: DownloadProgress): Promise<void> {
  const response = await fetch(ARCHIVE_URL);
  if (!response.ok || response.body === null) throw new Error(`the server answered ${response.status}`);
  const totalBytes = Number(response.headers.get('content-length') ?? 0);
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      onProgress(bytes, totalBytes);
      done(null, chunk);
    },
  });
  await pipeline(Readable.from(response.body), meter, createWriteStream(path));
}

/**
 * Path of the official archive in the cache; downloads it on the first call.
 * @throws FoveaError `dataset_invalid` when the download fails or its hash differs
 */
async function fetchCifar10(cacheDir: string, onProgress: DownloadProgress): Promise<string> {
  const path = join(cacheDir, 'cifar-10-binary.tar.gz');
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) return path;
  await mkdir(cacheDir, { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  try {
    await download(partial, onProgress);
    const md5 = await md5Of(partial);
    if (md5 !== ARCHIVE_MD5) throw new Error(`its md5 is ${md5}, not ${ARCHIVE_MD5}`);
    await rename(partial, path);
    return path;
  } catch (cause) {
    throw new FoveaError(
      'dataset_invalid',
      `CIFAR-10 could not be downloaded from ${ARCHIVE_URL}. Download it by other means and give its folder or archive.`,
      { cause },
    );
  } finally {
    await rm(partial, { force: true });
  }
}

/** CIFAR-10's official binary archive. The first read downloads it into the cache. */
export function cifar10Source(cacheDir: string, onProgress: DownloadProgress): ImageSource {
  return {
    description: 'CIFAR-10, official binary version: the original pixels',
    encoding: 'pixels',
    async *images(): AsyncIterable<SourceImage> {
      for await (const { name, bytes } of tarFiles(await fetchCifar10(cacheDir, onProgress))) {
        const fileName = basename(name);
        if (cifarSplitOf(fileName) !== undefined) yield* cifarRecords(bytes, fileName);
      }
    },
  };
}
