import { once } from 'node:events';
import type { Test } from 'tap';
import WebSocket from 'ws';
import { z } from 'zod';

/** A message of `fovea.json.v1` or of `/api/live`. */
export type Message = Record<string, unknown>;

const messageSchema = z.record(z.string(), z.unknown());

/** A WebSocket of the package `ws`, and the JSON messages that it received. */
export class StreamClient {
  readonly socket: WebSocket;
  readonly messages: Message[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(t: Test, url: string, protocol: string | undefined, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, protocol, { headers });
    this.socket.on('message', (data: Buffer, isBinary) => {
      this.messages.push(isBinary ? { bytes: data } : messageSchema.parse(JSON.parse(data.toString())));
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.socket.on('error', () => undefined);
    t.teardown(() => this.socket.terminate());
  }

  static async open(
    t: Test,
    url: string,
    protocol?: string,
    headers: Record<string, string> = {},
  ): Promise<StreamClient> {
    const client = new StreamClient(t, url, protocol, headers);
    await once(client.socket, 'open');
    return client;
  }

  send(message: Message): void {
    this.socket.send(JSON.stringify(message));
  }

  /** @returns the first message that `isWanted`, also an earlier one */
  async message(isWanted: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.messages.find(isWanted);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The answer or error of a request. */
  answerTo(id: number): Promise<Message> {
    return this.message((message) => message.id === id);
  }

  /** @returns the close code */
  async closed(): Promise<number> {
    if (this.socket.readyState === WebSocket.CLOSED) throw new Error('It has closed already.');
    const [code]: unknown[] = await once(this.socket, 'close');
    return z.number().parse(code);
  }
}

/** @returns status and body of a refused upgrade */
export function refusal(
  t: Test,
  url: string,
  protocol: string | undefined,
  headers: Record<string, string>,
): Promise<{ status: number | undefined; body: Message }> {
  const { socket } = new StreamClient(t, url, protocol, headers);
  return new Promise((resolve, reject) => {
    socket.once('open', () => reject(new Error('The upgrade was let in.')));
    socket.once('unexpected-response', (_, response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () =>
        resolve({ status: response.statusCode, body: messageSchema.parse(JSON.parse(text)) }),
      );
    });
  });
}
