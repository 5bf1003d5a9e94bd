import type { HttpResponse } from 'uWebSockets.js';
import { connectionAddon } from '../../platform/connection-addon.js';
import { FoveaError } from '../../platform/errors.js';
import type { Header } from './reply.js';

export interface ConnectionsOptions {
  readonly isTls: boolean;
  /** How long an idle connection stays open. */
  readonly keepAliveTimeoutMs: number;
}

/** What uWebSockets.js does by itself. */
const LIBRARY_SECONDS = 10;
/** Its timers fire up to this much early. */
const TICK_SECONDS = 4;

/** Gets the pieces of a body as uWebSockets.js gives them. @throws FoveaError `bad_request` */
export type CheckPiece = (piece: ArrayBuffer) => void;

/** Idle timeouts, interim responses and the lines of chunks, by the addon in `native/`. Without the addon an idle connection
 * lives 10 s. */
export class Connections {
  readonly #addon = connectionAddon();
  readonly #isTls: boolean;
  readonly #seconds: number;
  /** Of an answer after which the connection stays open. */
  readonly keepAlive: Header;

  constructor({ isTls, keepAliveTimeoutMs }: ConnectionsOptions) {
    this.#isTls = isTls;
    this.#seconds = Math.ceil(keepAliveTimeoutMs / 1000);
    this.keepAlive = ['Keep-Alive', `timeout=${this.#addon === undefined ? LIBRARY_SECONDS : this.#seconds}`];
  }

  /** @returns a number that stands for the socket while it is open; undefined without the addon */
  socketOf(res: HttpResponse): number | undefined {
    return this.#addon?.socketOf(res);
  }

  /** The connection was answered, and is idle now.
   * @param socket from `socketOf` before the answer, because `res` forgets it; its memory is valid until this turn of the event loop ends */
  beginIdle(socket: number | undefined): void {
    if (socket !== undefined) this.#addon?.setIdleTimeout(this.#isTls, socket, this.#seconds + TICK_SECONDS);
  }

  /** uWebSockets.js itself sends `100 Continue` only when the client wrote the expectation in lower case.
   * @param expect the header; '' when absent
   * @source RFC 9110, 10.1.1 */
  meetExpectation(res: HttpResponse, expect: string): void {
    if (expect === '' || expect === '100-continue' || expect.toLowerCase() !== '100-continue') return;
    this.#addon?.sendContinue(this.#isTls, this.#addon.socketOf(res));
  }

  /** uWebSockets.js accepts size lines that end in a bare LF, and reads the extensions of a chunk as its size. This refuses
   * both in the line of the first chunk. The line is known only if the chunk came in the same read as the end of the head,
   * so it is not checked in a later turn of the event loop. Must be called before `dispatch` returns.
   * @source RFC 9112, 7.1 */
  firstChunkCheck(): CheckPiece {
    const addon = this.#addon;
    let isDue = addon !== undefined;
    setImmediate(() => {
      isDue = false;
    });
    return (piece) => {
      if (!isDue) return;
      isDue = false;
      if (piece.byteLength === 0 || addon?.followsSizeLine(piece) !== false) return;
      throw new FoveaError(
        'bad_request',
        'A chunk must follow a line of its size in hexadecimal digits and CRLF.',
      );
    };
  }
}
