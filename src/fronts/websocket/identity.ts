import type { Principal } from '../../serving/call.js';
import type { Gate, Sender } from '../door/gate.js';

/** A revoked key stops working on an open connection within this time. */
const RECHECK_MS = 1000;

/** The client behind a connection. Browsers cannot set headers for a WebSocket, so the key may also come in a message. */
export class Identity {
  readonly #gate: Pick<Gate, 'admit'>;
  #sender: Sender;
  #client: Principal | undefined;
  #checkedMs = Number.NEGATIVE_INFINITY;

  /** @param sender of the upgrade request; must stay valid after it */
  constructor(gate: Pick<Gate, 'admit'>, sender: Sender) {
    this.#gate = gate;
    this.#sender = sender;
  }

  /** Whether the upgrade request or a message brought a key. */
  get hasKey(): boolean {
    return this.#sender.authorization !== '' || this.#sender.apiKey !== '';
  }

  /** @throws FoveaError `unauthenticated` */
  client(): Principal {
    const nowMs = performance.now();
    if (this.#client === undefined || nowMs - this.#checkedMs >= RECHECK_MS) {
      this.#client = undefined;
      this.#client = this.#gate.admit('predict', this.#sender);
      this.#checkedMs = nowMs;
    }
    return this.#client;
  }

  /** Uses `key` from now on.
   * @throws FoveaError `unauthenticated`: then nothing changes */
  authenticate(key: string): void {
    const sender: Sender = { ...this.#sender, authorization: '', apiKey: key };
    this.#client = this.#gate.admit('predict', sender);
    this.#sender = sender;
    this.#checkedMs = performance.now();
  }
}
