import createCodec, { type JpegDecoder } from '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs';

/*
 * libjpeg-turbo as WebAssembly: the library that sharp uses, so the pixels are the same. For small images it is as fast as
 * a native decoder, and untrusted files are decoded in a sandbox.
 */

/** Each failed decode leaks some kilobytes of the decoder's memory. After this many a new decoder replaces it. */
const MAX_FAILURES = 256;
/** WebAssembly memory never shrinks, so large files are left to sharp. */
const MAX_FILE_BYTES = 256 * 1024;

async function openDecoder(): Promise<JpegDecoder> {
  const { JPEGDecoder } = await createCodec();
  return new JPEGDecoder();
}

let decoder: JpegDecoder | undefined = await openDecoder();
let failures = 0;

async function replaceDecoder(): Promise<void> {
  decoder = undefined;
  failures = 0;
  decoder = await openDecoder();
}

/**
 * Pixels of a JPEG file, on the calling thread.
 * @returns uint8 `[height, width, channels]`, owned by the caller; undefined when the file cannot be decoded, and while the
 * decoder is being replaced
 */
export function decodeJpeg(bytes: Uint8Array): Uint8Array | undefined {
  if (decoder === undefined || bytes.length > MAX_FILE_BYTES) return undefined;
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decoder.decode();
    return new Uint8Array(decoder.getDecodedBuffer());
  } catch (error) {
    failures += 1;
    // A number is a C++ exception. Anything else is a trap, after which the memory may be corrupt.
    if (failures >= MAX_FAILURES || typeof error !== 'number') void replaceDecoder();
    return undefined;
  }
}
