import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An upload that a test sends piece by piece: stopped halfway, its request stays inside the server. */
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
    // A test that aborts does not ask for the answer.
    this.answer.catch(() => undefined);
    this.#request.flushHeaders();
  }

  /** Resolves once the bytes have left this side. */
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
