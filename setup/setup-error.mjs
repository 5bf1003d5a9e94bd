/** A problem that the user can do something about; the message ends with what. */
export class SetupError extends Error {
  /**
   * @param {string} problem What is wrong, one sentence.
   * @param {string} remedy What to do about it.
   */
  constructor(problem, remedy) {
    super(`${problem}\n  → ${remedy.replaceAll('\n', '\n    ')}`);
    this.name = 'SetupError';
  }
}

/**
 * The message of whatever was thrown.
 * @param {unknown} error
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
