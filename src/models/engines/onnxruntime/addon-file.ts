/** Set-up lays it (`setup/onnxruntime.mjs`). Seen from the compiled file, `dist/src/models/engines/onnxruntime/addon.js`. */
export const ADDON = new URL('../../../../../native/onnxruntime/onnxruntime_binding.node', import.meta.url);
