import type { Identity } from './identity.js';
import type { Socket } from './socket.js';

/** An upgrade request that was let in. */
export interface Upgrade {
  /** Of the connection: the client's X-Request-Id, else a new one. */
  readonly id: string;
  /** After the question mark, not decoded. */
  readonly query: string;
  /** One of the endpoint's `protocols`. */
  readonly protocol: string;
  /** The client's trace, which all requests of the connection belong to; '' for none. */
  readonly trace: { readonly traceparent: string; readonly tracestate: string };
  /** Its client may still have to send a key. */
  readonly identity: Identity;
}

/** What an endpoint does on one connection. Nothing here may throw. */
export interface Conversation {
  /** @param message valid until `received` returns and its microtasks have run */
  received(message: ArrayBuffer, isBinary: boolean): void;
  /** The client has read all that was queued for it. */
  caughtUp(): void;
  /** Called about once a second.
   * @param nowMs on the clock of `performance.now()` */
  tick(nowMs: number): void;
  /** Ends the connection, with 1001, once nothing is in flight. */
  drain(): void;
  closed(): void;
}

/** One WebSocket endpoint. */
export interface SocketEndpoint {
  readonly path: string;
  /** Names of the sub-protocols; a client that offers none gets the first. */
  readonly protocols: readonly [string, ...string[]];
  /** @returns starts the conversation once the connection is open
   * @throws FoveaError `bad_request` for a wrong query */
  accept(upgrade: Upgrade): (socket: Socket) => Conversation;
}
