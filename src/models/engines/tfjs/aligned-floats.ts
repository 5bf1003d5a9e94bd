/** Node has it, but its types come with the browser's, which the project goes without. */
declare const WebAssembly: {
  readonly Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
};

const WASM_PAGE_BYTES = 65_536;

/**
 * A float32 array that starts on a 64-byte border, as TensorFlow wants it to use the memory without a copy.
 *
 * JavaScript cannot ask where an array lies; the memory of a WebAssembly instance always starts on a page.
 */
export function alignedFloats(length: number): Float32Array {
  const bytes = length * Float32Array.BYTES_PER_ELEMENT;
  const pages = Math.max(1, Math.ceil(bytes / WASM_PAGE_BYTES));
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  return new Float32Array(memory.buffer, 0, length);
}
