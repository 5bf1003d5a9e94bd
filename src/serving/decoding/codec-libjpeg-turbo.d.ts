declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  /** libjpeg-turbo and its WebAssembly memory. Views on the memory become invalid when it grows. */
  export interface JpegDecoder {
    /** Buffer for a file of that size; the caller writes the file into it. */
    getEncodedBuffer(bytes: number): Uint8Array;
    /** @throws a number (a C++ exception, whose memory is lost) or WebAssembly.RuntimeError */
    decode(): void;
    /** uint8 `[height, width, channels]` */
    getDecodedBuffer(): Uint8ClampedArray;
  }
  export default function createCodec(): Promise<{ readonly JPEGDecoder: new () => JpegDecoder }>;
}
