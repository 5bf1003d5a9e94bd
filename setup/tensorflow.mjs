import { findLibtensorflow } from './libtensorflow.mjs';
import { messageOf } from './setup-error.mjs';
import { buildTfjsBinding } from './tfjs-binding.mjs';

const WITHOUT = `The server will predict with the WASM engine, which is many times slower, and cannot train.
Once the causes below are removed, the next set-up makes up for it. If this is as you want it,
FOVEA_ENGINE=wasm skips the attempt.`;
const SECOND_BEST = 'TensorFlow works, but not the build that is best here:';

/**
 * Makes the TensorFlow engine ready. Where that is impossible, Fovea still runs, so this is no error.
 * @param {import('./context.mjs').Context} context
 * @param {import('./host.mjs').Host} host
 * @returns {Promise<string>} What the user must know; empty when all is well.
 */
export async function prepareTensorFlow(context, host) {
  if (context.env.FOVEA_ENGINE === 'wasm') return '';
  const { folder, complaints } = await findLibtensorflow(context, host);
  try {
    if (folder) await buildTfjsBinding(folder, context);
  } catch (error) {
    context.signal.throwIfAborted();
    return explain(
      'NO TENSORFLOW: its binding could not be built.',
      [messageOf(error), ...complaints],
      WITHOUT,
    );
  }
  if (!folder) return explain('NO TENSORFLOW: no libtensorflow could be had.', complaints, WITHOUT);
  return complaints.length > 0 ? explain(SECOND_BEST, complaints) : '';
}

/**
 * @param {string} headline
 * @param {string[]} causes
 * @param {string} [consequence]
 */
function explain(headline, causes, consequence = '') {
  const list = causes.map((cause) => `• ${cause.replaceAll('\n', '\n  ')}`).join('\n');
  return [headline, consequence, list].filter(Boolean).join('\n');
}
