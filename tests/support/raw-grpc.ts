import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import type { Test } from 'tap';
import { SERVICE } from './grpc-caller.js';

/** A message of gRPC with its prefix.
 * @param declared length in the prefix; default: that of the message */
export function framed(
  message: Uint8Array,
  { declared = message.length, isCompressed = false } = {},
): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(isCompressed ? 1 : 0);
  prefix.writeUInt32BE(declared, 1);
  return Buffer.concat([prefix, message]);
}

/** HTTP/2 by hand: sends what no client of gRPC would send. */
export class RawGrpc {
  readonly #session: ClientHttp2Session;
  readonly #headers: Record<string, string>;

  /** @param windowBytes of each stream: how much of an answer the server may send before it is read */
  constructor(t: Test, url: string, headers: Record<string, string> = {}, windowBytes = 65_535) {
    this.#session = connect(url, { settings: { initialWindowSize: windowBytes }, rejectUnauthorized: false });
    this.#session.on('error', () => undefined);
    t.teardown(() => this.#session.destroy());
    this.#headers = headers;
  }

  open(method: string, headers: Record<string, string> = {}): ClientHttp2Stream {
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': `/${SERVICE}/${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...this.#headers,
      ...headers,
    });
    stream.on('error', () => undefined);
    return stream;
  }
}

/** @returns the status of the call */
export function statusOf(stream: ClientHttp2Stream): Promise<number> {
  return new Promise((resolve) => {
    const read = (headers: Record<string, unknown>): void => {
      if (headers['grpc-status'] !== undefined) resolve(Number(headers['grpc-status']));
    };
    stream.on('response', read).on('trailers', read).resume();
  });
}

/** @returns the HTTP/2 error that ended the stream */
export function resetOf(stream: ClientHttp2Stream): Promise<number | undefined> {
  return new Promise((resolve) => stream.once('close', () => resolve(stream.rstCode)));
}
