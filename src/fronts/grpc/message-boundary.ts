/** A flag of one byte, and the length of the message.
 * @source gRPC over HTTP2, "Length-Prefixed-Message" */
const PREFIX_BYTES = 5;

/** What a piece of a stream changed. */
export interface Boundary {
  /** Whether a message ended in it. */
  readonly hasEnded: boolean;
  /** Bytes so far of the message that has not ended; 0 where there is none. */
  readonly incompleteBytes: number;
  /** Of these, in this piece. */
  readonly addedBytes: number;
}

/** Finds where the messages of one gRPC stream end. */
export class MessageBoundary {
  readonly #prefix = new DataView(new ArrayBuffer(PREFIX_BYTES));
  /** Bytes so far of the open message, its prefix included. */
  #seen = 0;

  add(piece: Uint8Array): Boundary {
    let hasEnded = false;
    let at = 0;
    let addedBytes = 0;
    while (at < piece.length) {
      const start = at;
      while (this.#seen < PREFIX_BYTES && at < piece.length)
        this.#prefix.setUint8(this.#seen++, piece[at++] ?? 0);
      const taken = Math.min(this.#left, piece.length - at);
      this.#seen += taken;
      at += taken;
      addedBytes = at - start;
      if (this.#seen < PREFIX_BYTES || this.#left > 0) continue;
      hasEnded = true;
      addedBytes = 0;
      this.#seen = 0;
    }
    return { hasEnded, incompleteBytes: this.#seen, addedBytes };
  }

  /** Bytes of the message that have not come; 0 while its length is unknown. */
  get #left(): number {
    return this.#seen < PREFIX_BYTES ? 0 : PREFIX_BYTES + this.#prefix.getUint32(1) - this.#seen;
  }
}
