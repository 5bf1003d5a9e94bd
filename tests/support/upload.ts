import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An upload that a test sends in pieces. Between pieces its request stays in flight in the server. */
export class Upload {
  readonly answer: Promise<Answer>;
  readonly #request: ClientRequest;

  constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.#request = request(url, { method: 'POST', headers, agent: false });
    this.answer = new Promise((resolve, reject) => {
      this.#request.on('error', reject);
      this.#request.on('response', (response) => {
        text(response).then(
          (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
          reject,
        );
      });
    });
    // A test that aborts does not await the response; it must not count as unhandled.
    this.answer.catch(() => undefined);
    this.#request.flushHeaders();
  }

  /** Resolves once the bytes are written to the socket. */
  send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#request.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  end(bytes?: Uint8Array): void {
    this.#request.end(bytes);
  }

  abort(): void {
    this.#request.destroy();
  }
}
