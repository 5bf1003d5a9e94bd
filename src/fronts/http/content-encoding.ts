import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { tooLarge } from './body.js';

export type Decompressor = () => Transform;

/** Node has it since 22.15. */
const { createZstdDecompress } = z
  .object({ createZstdDecompress: z.custom<Decompressor>((value) => typeof value === 'function').optional() })
  .parse({ createZstdDecompress: Reflect.get(zlib, 'createZstdDecompress') });

const DECOMPRESSORS: ReadonlyMap<string, Decompressor> = new Map<string, Decompressor>([
  ['gzip', zlib.createGunzip],
  ['x-gzip', zlib.createGunzip],
  ['deflate', zlib.createInflate],
  ['br', zlib.createBrotliDecompress],
  ...(createZstdDecompress === undefined ? [] : ([['zstd', createZstdDecompress]] as const)),
]);

/** Values that a request's Content-Encoding may have. */
const CONTENT_ENCODINGS: readonly string[] = ['identity', ...DECOMPRESSORS.keys()];

/** @param contentEncoding the header; '' when absent
 * @returns undefined when the body is not compressed
 * @throws FoveaError `unsupported_type` */
export function decompressorOf(contentEncoding: string): Decompressor | undefined {
  const coding = contentEncoding.toLowerCase();
  if (coding === '' || coding === 'identity') return undefined;
  const decompressor = DECOMPRESSORS.get(coding);
  if (decompressor !== undefined) return decompressor;
  throw new FoveaError(
    'unsupported_type',
    `Content-Encoding must be one of ${CONTENT_ENCODINGS.join(', ')}.`,
    {
      details: { accepted_encodings: CONTENT_ENCODINGS },
    },
  );
}

function errorOf(error: unknown): FoveaError {
  if (error instanceof FoveaError) return error;
  return new FoveaError('bad_request', 'The body does not match its Content-Encoding.', { cause: error });
}

async function* decompressChunks(
  body: Readable,
  create: Decompressor,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  try {
    // The loop throws what fails in `body` or in the decompressor; `pipeline` only wants a callback.
    for await (const chunk of pipeline(body, create(), () => undefined)) {
      if (!Buffer.isBuffer(chunk))
        throw new FoveaError('internal', 'A decompressor gave no bytes. This is a bug.');
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
  } catch (error) {
    throw errorOf(error);
  }
}

/** Decompresses a stream. The result fails with `too_large` beyond `maxBytes`, because a small body can unpack to
 * gigabytes, and with `bad_request` when the data are damaged or incomplete. */
export function decompressStream(body: Readable, create: Decompressor, maxBytes: number): Readable {
  return Readable.from(decompressChunks(body, create, maxBytes), { objectMode: false });
}

/** The same of a body in memory.
 * @param reserveBytes called before more memory is held
 * @throws FoveaError `too_large`, `bad_request`, `overloaded` */
export async function decompress(
  body: Buffer,
  create: Decompressor,
  { maxBytes, reserveBytes }: { readonly maxBytes: number; readonly reserveBytes: (bytes: number) => void },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of decompressChunks(Readable.from([body]), create, maxBytes)) {
    reserveBytes(chunk.length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
