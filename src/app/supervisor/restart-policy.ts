const FIRST_MS = 100;
const LONGEST_MS = 30_000;
/** A server that ran this long was sound: its next restart is a first one. */
const SOUND_MS = 60_000;

/** Delays before restarts: none would let a server that fails at its start use a whole core. */
export class RestartPolicy {
  #restarts = 0;

  /** @param ranMs how long the server ran before it ended
   * @returns ms to wait: 100, doubled with each restart in a row, at most 30 s */
  nextDelayMs(ranMs: number): number {
    if (ranMs >= SOUND_MS) this.#restarts = 0;
    const delayMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#restarts);
    this.#restarts += 1;
    return delayMs;
  }
}
