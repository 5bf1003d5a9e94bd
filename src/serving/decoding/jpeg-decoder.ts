import createCodec, { type JpegDecoder } from '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs';

/*
 * libjpeg-turbo as WebAssembly: the library that sharp decodes with, so that the pixels are sharp's, and at the speed
 * of native decoders of small images. What strangers send is decoded in a sandbox.
 */

/** Every file that it refuses leaves some kilobytes behind in its memory; after so many a fresh one takes over. */
const MAX_FAILURES = 256;
/** Its memory never shrinks: a large file is not for it. */
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
 * @returns uint8 `[height, width, channels]`, the caller's own; undefined for what it cannot decode, and for a moment
 * when it had to refuse many: sharp takes those
 */
export function decodeJpeg(bytes: Uint8Array): Uint8Array | undefined {
  if (decoder === undefined || bytes.length > MAX_FILE_BYTES) return undefined;
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decoder.decode();
    return new Uint8Array(decoder.getDecodedBuffer());
  } catch (error) {
    failures += 1;
    // A number is a C++ exception; after anything else, a trap, its memory may hold anything.
    if (failures >= MAX_FAILURES || typeof error !== 'number') void replaceDecoder();
    return undefined;
  }
}
