import { findLibtensorflow } from './libtensorflow.mjs';
import { messageOf, SetupError } from './setup-error.mjs';
import { buildTfjsBinding } from './tfjs-binding.mjs';

const WITHOUT = `Fovea cannot train; where there is no native engine either, it predicts with the WASM engine, which is many
times slower. If this is as you want it, FOVEA_ENGINE=wasm skips the attempt.`;
const SECOND_BEST = 'TensorFlow works, but not the build that is best here:';

/**
 * Whether the server itself is to run on TensorFlow: because FOVEA_ENGINE or a libtensorflow of the user's own says so.
 * All others do without it until they train.
 * @param {import('./context.mjs').Context} context
 */
export function wantsTensorFlow({ env: { FOVEA_ENGINE: engine, FOVEA_LIBTENSORFLOW_DIR: given } }) {
  return engine && engine !== 'auto' ? engine === 'tensorflow' : Boolean(given);
}

/**
 * Makes the TensorFlow engine ready. Where that is impossible, Fovea still runs, so this is no error.
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
 * Makes the TensorFlow engine ready, for training.
 * @param {import('./context.mjs').Context} context
 * @param {import('./host.mjs').Host} host
 * @returns {Promise<string>} What the user must know; empty when all is well.
 * @throws {SetupError} with every cause and its remedy
 */
export async function setUpTensorFlow(context, host) {
  const { folder, complaints } = await findLibtensorflow(context, host);
  if (!folder) throw without('NO TENSORFLOW: no libtensorflow could be had.', complaints);
  try {
    await buildTfjsBinding(folder, context);
  } catch (error) {
    context.signal.throwIfAborted();
    throw without('NO TENSORFLOW: its binding could not be built.', [messageOf(error), ...complaints]);
  }
  return complaints.length > 0 ? [SECOND_BEST, ...complaints.map(listed)].join('\n') : '';
}

/**
 * @param {string} headline
 * @param {string[]} causes
 */
function without(headline, causes) {
  const remedy = 'Once the causes are removed, node setup/setup.mjs --tensorflow makes up for it.';
  return new SetupError([headline, WITHOUT, ...causes.map(listed)].join('\n'), remedy);
}

/** @param {string} cause */
function listed(cause) {
  return `• ${cause.replaceAll('\n', '\n  ')}`;
}
