/** Frames of one video that may be dropped: one runs, the newest waits, and older ones give way to it. */
export class NewestFrame<Frame> {
  #isRunning: boolean = false;
  #waiting: Frame | undefined;

  /** @returns `starts`: whether `frame` runs now; `superseded`: the frame that gave way to it */
  arrive(frame: Frame): { readonly starts: boolean; readonly superseded: Frame | undefined } {
    if (!this.#isRunning) {
      this.#isRunning = true;
      return { starts: true, superseded: undefined };
    }
    const superseded = this.#waiting;
    this.#waiting = frame;
    return { starts: false, superseded };
  }

  /** A frame that may not be dropped has come.
   * @returns the frame that gives way to it */
  giveWay(): Frame | undefined {
    const superseded = this.#waiting;
    this.#waiting = undefined;
    return superseded;
  }

  /** The running frame is done.
   * @returns the frame that runs now */
  done(): Frame | undefined {
    const next = this.#waiting;
    this.#waiting = undefined;
    this.#isRunning = next !== undefined;
    return next;
  }
}
