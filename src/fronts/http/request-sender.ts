import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import type { Sender } from '../door/gate.js';

/** Reads the headers of a `Sender` on demand, because each read costs time. Usable only while `req` is alive. */
export class RequestSender implements Sender {
  readonly #res: HttpResponse;
  readonly #req: HttpRequest;

  constructor(res: HttpResponse, req: HttpRequest) {
    this.#res = res;
    this.#req = req;
  }

  get peer(): string {
    return Buffer.from(this.#res.getRemoteAddressAsText()).toString();
  }

  get authorization(): string {
    return this.#req.getHeader('authorization');
  }

  get apiKey(): string {
    return this.#req.getHeader('x-api-key');
  }

  get forwardedFor(): string {
    return this.#req.getHeader('x-forwarded-for');
  }

  get origin(): string {
    return this.#req.getHeader('origin');
  }
}
