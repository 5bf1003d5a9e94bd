/** A problem that the user can solve; the message ends with the remedy. */
export class SetupError extends Error {
  /**
   * @param {string} problem One sentence.
   * @param {string} remedy An instruction.
   */
  constructor(problem, remedy) {
    super(`${problem}\n  → ${remedy.replaceAll('\n', '\n    ')}`);
    this.name = 'SetupError';
  }
}

/**
 * The message of any thrown value.
 * @param {unknown} error
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
