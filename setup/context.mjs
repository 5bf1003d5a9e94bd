import { createProgress } from './progress.mjs';

/**
 * The argument of every step of set-up.
 * @typedef {object} Context
 * @property {string} root The checkout's folder, absolute.
 * @property {NodeJS.ProcessEnv} env The environment; steps read no other.
 * @property {import('./progress.mjs').Progress} progress
 * @property {AbortSignal} signal Aborted by Ctrl-C and SIGTERM; each step then cleans up and throws.
 */

/** Exit codes of a process that the signal ended. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/**
 * The context of a real run. The first signal lets the steps clean up; a second one ends at once.
 * @param {string} root
 * @returns {Context}
 */
export function createContext(root) {
  const interruption = new AbortController();
  for (const [name, code] of Object.entries(EXIT_CODES)) {
    process.on(name, () => {
      if (interruption.signal.aborted) process.exit(code);
      process.exitCode = code;
      interruption.abort(new Error(`Interrupted by ${name}.`));
    });
  }
  return { root, env: process.env, progress: createProgress(process.stderr), signal: interruption.signal };
}
