declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  /** libjpeg-turbo with its memory; views on that die when it grows. */
  export interface JpegDecoder {
    /** Where a file of so many bytes is to be written. */
    getEncodedBuffer(bytes: number): Uint8Array;
    /** @throws a number (a C++ exception, whose memory is lost) or WebAssembly.RuntimeError */
    decode(): void;
    /** uint8 `[height, width, channels]` */
    getDecodedBuffer(): Uint8ClampedArray;
  }
  export default function createCodec(): Promise<{ readonly JPEGDecoder: new () => JpegDecoder }>;
}
