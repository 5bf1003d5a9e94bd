/*
 * Makes a checkout ready to run:
 *
 *   node setup/setup.mjs               for the server
 *   node setup/setup.mjs --test        for tests and benches, too
 *   node setup/setup.mjs --k6          for floods, too (bench/flood): builds k6
 *   node setup/setup.mjs --native      no more than the addon in native/
 *   node setup/setup.mjs --tensorflow  no more than TensorFlow, which training needs: it runs this by itself
 *
 * This file keeps to what very old versions of Node understand, so that they can say that they are too old.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 20 || (major === 20 && minor >= 17)) {
  import('./steps.mjs');
} else {
  console.error(`Node ${process.versions.node} is too old.\n  → Install Node 20 (20.17 or later), 22 or 24.`);
  process.exitCode = 1;
}
