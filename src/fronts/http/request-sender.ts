import type { HttpResponse } from 'uWebSockets.js';
import type { Sender } from '../door/gate.js';
import type { RequestHeaders } from './request-headers.js';

/** The peer's address of a response that is alive. */
export type PeerOf = (res: HttpResponse) => string;

/** Where a request comes from. The peer's address is read on demand, because it costs time; `res` must be alive. */
export class RequestSender implements Sender {
  readonly #res: HttpResponse;
  readonly #headers: RequestHeaders;

  readonly #peerOf: PeerOf;

  constructor(res: HttpResponse, headers: RequestHeaders, peerOf: PeerOf) {
    this.#peerOf = peerOf;
    this.#res = res;
    this.#headers = headers;
  }

  get peer(): string {
    return this.#peerOf(this.#res);
  }

  get authorization(): string {
    return this.#headers.get('authorization');
  }

  get apiKey(): string {
    return this.#headers.get('x-api-key');
  }

  get forwardedFor(): string {
    return this.#headers.get('x-forwarded-for');
  }
}
