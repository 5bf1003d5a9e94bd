import { findLibtensorflow } from './libtensorflow.mjs';
import { hasModelFile } from './model-files.mjs';
import { messageOf, SetupError } from './setup-error.mjs';
import { buildTfjsBinding } from './tfjs-binding.mjs';

const WITHOUT = `Fovea cannot train; where there is no native engine either, it predicts with the WASM engine, which is many
times slower. If this is as you want it, FOVEA_ENGINE=wasm skips the attempt.`;
const SECOND_BEST = 'TensorFlow works, but not in the best build for this machine:';

/**
 * Whether the server needs TensorFlow: by FOVEA_ENGINE or FOVEA_LIBTENSORFLOW_DIR, or because a SavedModel lies in the
 * repository. Otherwise the first training installs it.
 * @param {import('./context.mjs').Context} context
 */
export async function wantsTensorFlow(context) {
  const { FOVEA_ENGINE: engine, FOVEA_LIBTENSORFLOW_DIR: given } = context.env;
  if (engine && engine !== 'auto') return engine === 'tensorflow';
  return Boolean(given) || hasModelFile(context, 'saved_model.pb');
}

/**
 * Sets up the TensorFlow engine. A failure is a warning, because Fovea runs without it.
 * @param {import('./context.mjs').Context} context
 * @param {import('./host.mjs').Host} host
 * @returns {Promise<string>} What the user must know; empty when all is well.
 */
export async function prepareTensorFlow(context, host) {
  try {
    return await setUpTensorFlow(context, host);
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof SetupError) return error.message;
    throw error;
  }
}

/**
 * Sets up the TensorFlow engine for training.
 * @param {import('./context.mjs').Context} context
 * @param {import('./host.mjs').Host} host
 * @returns {Promise<string>} What the user must know; empty when all is well.
 * @throws {SetupError} with every cause and its remedy
 */
export async function setUpTensorFlow(context, host) {
  const { folder, complaints } = await findLibtensorflow(context, host);
  if (!folder) throw without('No TensorFlow: no libtensorflow is available.', complaints);
  try {
    await buildTfjsBinding(folder, context);
  } catch (error) {
    context.signal.throwIfAborted();
    throw without('No TensorFlow: the build of its binding failed.', [messageOf(error), ...complaints]);
  }
  return complaints.length > 0 ? [SECOND_BEST, ...complaints.map(listed)].join('\n') : '';
}

/**
 * @param {string} headline
 * @param {string[]} causes
 */
function without(headline, causes) {
  const remedy = 'Remove the causes, then run node setup/setup.mjs --tensorflow.';
  return new SetupError([headline, WITHOUT, ...causes.map(listed)].join('\n'), remedy);
}

/** @param {string} cause */
function listed(cause) {
  return `• ${cause.replaceAll('\n', '\n  ')}`;
}
