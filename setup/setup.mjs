/*
 * Prepares a checkout:
 *
 *   node setup/setup.mjs               for the server
 *   node setup/setup.mjs --test        for tests and benches as well
 *   node setup/setup.mjs --k6          for bench/flood as well: builds k6
 *   node setup/setup.mjs --native      only the addon in native/
 *   node setup/setup.mjs --onnxruntime only ONNX Runtime, for imported models that need it; fovea import runs this by itself
 *   node setup/setup.mjs --tensorflow  only TensorFlow, for training; the first training runs this by itself
 *
 * This file uses only syntax of very old Node versions, so that they can report that they are too old.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 20 || (major === 20 && minor >= 17)) {
  import('./steps.mjs');
} else {
  console.error(`Node ${process.versions.node} is too old.\n  → Install Node 20 (20.17 or later), 22 or 24.`);
  process.exitCode = 1;
}
