import type { WebSocket } from 'uWebSockets.js';

/** @source RFC 6455, 7.4.1 */
export const CLOSE_CODE = { normal: 1000, goingAway: 1001, policy: 1008 } as const;

/** `queued`: the client has not read it yet; `dropped`: too much is queued already. */
export type SendResult = 'sent' | 'queued' | 'dropped';

/** Results of `send`. */
const QUEUED = 0;
const DROPPED = 2;

/** A WebSocket of uWebSockets.js, which forbids to touch it once it has closed. */
export class Socket {
  #ws: WebSocket<unknown> | undefined;

  constructor(ws: WebSocket<unknown>) {
    this.#ws = ws;
  }

  get isOpen(): boolean {
    return this.#ws !== undefined;
  }

  /** Bytes that the client has not read yet. */
  get queuedBytes(): number {
    return this.#ws?.getBufferedAmount() ?? 0;
  }

  send(message: string | Uint8Array): SendResult {
    const result = this.#ws?.send(message, typeof message !== 'string');
    if (result === QUEUED) return 'queued';
    return result === undefined || result === DROPPED ? 'dropped' : 'sent';
  }

  /** Sends all messages of `run` by one system call. */
  cork(run: () => void): void {
    this.#ws?.cork(run);
  }

  subscribe(topic: string): void {
    this.#ws?.subscribe(topic);
  }

  /** Closes with a close frame, behind the messages that are queued. */
  end(code: number, reason: string): void {
    this.#ws?.end(code, reason);
  }

  /** Closes at once. */
  cut(): void {
    this.#ws?.close();
  }

  /** To be called when uWebSockets.js has closed it. */
  forget(): void {
    this.#ws = undefined;
  }
}
