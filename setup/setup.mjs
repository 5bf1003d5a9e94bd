/*
 * This file uses only syntax of very old Node versions, so that they can report that they are too old.
 */
const USAGE = `Prepares a checkout. Usage: node setup/setup.mjs [option]

  (no option)    for the server
  --test         for tests and benches as well
  --k6           for bench/flood as well: builds k6
  --native       only the addon in native/
  --onnxruntime  only ONNX Runtime, for imported models that need it; fovea import runs this by itself
  --tensorflow   only TensorFlow, for training; the first training runs this by itself
  --help         this text
`;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  console.log(USAGE);
} else if (major > 20 || (major === 20 && minor >= 17)) {
  import('./steps.mjs');
} else {
  console.error(`Node ${process.versions.node} is too old.\n  → Install Node 20 (20.17 or later), 22 or 24.`);
  process.exitCode = 1;
}
