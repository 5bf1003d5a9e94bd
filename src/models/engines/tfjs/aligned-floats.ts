/** Node has `WebAssembly`, but its types are part of the DOM types, which this project does not include. */
declare const WebAssembly: {
  readonly Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
};

const WASM_PAGE_BYTES = 65_536;

/**
 * A float32 array at an address divisible by 64: TensorFlow uses such memory without a copy.
 *
 * JavaScript cannot read addresses, but a WebAssembly memory always starts on a page.
 */
export function alignedFloats(length: number): Float32Array {
  const bytes = length * Float32Array.BYTES_PER_ELEMENT;
  const pages = Math.max(1, Math.ceil(bytes / WASM_PAGE_BYTES));
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  return new Float32Array(memory.buffer, 0, length);
}
