import { FoveaError } from './errors.js';
import {
  decodeServerFrame,
  encodeAuthentication,
  encodeRequest,
  type Frame,
  type Hello,
  type ImageAnswer,
  PROTOCOL,
  type RequestOptions,
  type ServerFrame,
} from './frames.js';
import { defaultSocket, type SocketConstructor, type SocketLike } from './socket.js';

export interface StreamOptions {
  /** Such as `ws://localhost:5000/api/stream`. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Default: the platform's own, or that of the package `ws`. */
  readonly WebSocket?: SocketConstructor | undefined;
  /** Requests that may wait for the window; further ones fail with `overloaded`. Default 10 000. */
  readonly maxWaiting?: number | undefined;
  /** Attempts to connect before all requests fail with `connection_failed`. Default 10. */
  readonly maxAttempts?: number | undefined;
  /** Pause before the second attempt; it doubles up to `maxPauseMs`. Default 200 and 5000. */
  readonly minPauseMs?: number | undefined;
  readonly maxPauseMs?: number | undefined;
  /** Called for each connection once it can be used, also after a reconnection. */
  readonly onConnected?: ((hello: Hello) => void) | undefined;
  /** Called for errors that belong to no request. */
  readonly onProblem?: ((error: FoveaError) => void) | undefined;
}

/** The answer of one request. */
export interface StreamAnswer {
  /** Of the model that answered. */
  readonly version: number;
  readonly images: readonly (ImageAnswer | FoveaError)[];
}

interface Pending {
  readonly frame: Frame;
  readonly resolve: (answer: StreamAnswer) => void;
  readonly reject: (error: FoveaError) => void;
}

/** Close code of a server that does not accept the key. */
const POLICY = 1008;
const MAX_ID = 0xffff_ffff;

/**
 * Predictions over one WebSocket. Requests are sent as far as the server's window allows, and answered as they finish. When
 * the connection breaks, the stream connects anew and sends the unanswered requests again, so that a request may be
 * predicted twice but is answered once.
 */
export class PredictionStream {
  readonly #options: StreamOptions;
  readonly #maxWaiting: number;
  readonly #maxAttempts: number;
  /** Not sent yet, oldest first. */
  readonly #waiting: Pending[] = [];
  /** Sent and not answered, by id. */
  readonly #sent = new Map<number, Pending>();
  #socket: SocketLike | undefined;
  /** Whether the server has greeted on this connection. */
  #isReady: boolean = false;
  #hello: Hello | undefined;
  #lastId = 0;
  #failedAttempts = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #refusal: FoveaError | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#maxWaiting = options.maxWaiting ?? 10_000;
    this.#maxAttempts = options.maxAttempts ?? 10;
    void this.#connect();
  }

  /** What the server said last; undefined before the first connection. */
  get hello(): Hello | undefined {
    return this.#hello;
  }

  /** Requests without answer. */
  get pending(): number {
    return this.#waiting.length + this.#sent.size;
  }

  /** Predicts one image file.
   * @throws FoveaError (as rejection) */
  async predict(file: Uint8Array, options: RequestOptions = {}): Promise<ImageAnswer & { version: number }> {
    const { version, images } = await this.#request({ ...options, format: 'file', images: 1, bytes: file });
    const [answer] = images;
    if (answer === undefined || answer instanceof FoveaError)
      throw answer ?? new FoveaError('The answer has no image.', { status: 0, code: 'internal' });
    return { ...answer, version };
  }

  /** Predicts raw pixels: uint8 `[images, height, width, channels]` of the model's input.
   * @throws FoveaError (as rejection) */
  predictPixels(pixels: Uint8Array, images = 1, options: RequestOptions = {}): Promise<StreamAnswer> {
    return this.#request({ ...options, format: 'pixels', images, bytes: pixels });
  }

  /** Closes the connection; requests without answer fail with `closed`. */
  close(): void {
    this.#end(new FoveaError('The stream was closed.', { status: 0, code: 'closed' }));
  }

  #request(frame: Omit<Frame, 'id'>): Promise<StreamAnswer> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    if (this.#waiting.length >= this.#maxWaiting) {
      const message = `More than ${this.#maxWaiting} requests wait for this stream.`;
      return Promise.reject(new FoveaError(message, { status: 0, code: 'overloaded' }));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ frame: { ...frame, id: this.#nextId() }, resolve, reject });
      this.#pump();
    });
  }

  #nextId(): number {
    this.#lastId = this.#lastId >= MAX_ID ? 1 : this.#lastId + 1;
    return this.#lastId;
  }

  /** Sends what the window allows. */
  #pump(): void {
    const window = this.#isReady ? (this.#hello?.window ?? 0) : 0;
    while (this.#sent.size < window) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#sent.set(next.frame.id, next);
      this.#socket?.send(encodeRequest(next.frame));
    }
  }

  async #connect(): Promise<void> {
    const { url, apiKey } = this.#options;
    try {
      const Socket = this.#options.WebSocket ?? (await defaultSocket());
      if (this.#refusal !== undefined) return;
      const socket = new Socket(url, [PROTOCOL]);
      this.#socket = socket;
      socket.binaryType = 'arraybuffer';
      socket.onopen = () => {
        if (apiKey !== undefined) socket.send(encodeAuthentication(apiKey));
      };
      socket.onmessage = ({ data }: { data: unknown }) => {
        if (data instanceof ArrayBuffer) this.#receive(decodeServerFrame(data));
      };
      // `onclose` follows and has the code.
      socket.onerror = () => undefined;
      socket.onclose = ({ code, reason }: { code: number; reason: string }) => this.#lost(code, reason);
    } catch (cause) {
      this.#lost(0, String(cause));
    }
  }

  #receive(frame: ServerFrame): void {
    if (frame.kind === 'hello') this.#greeted(frame.hello);
    else if (frame.kind === 'error') this.#failed(frame.id, frame.error);
    else {
      const { id, version, images } = frame;
      this.#take(id)?.resolve({ version, images });
      this.#pump();
    }
  }

  #greeted(hello: Hello): void {
    this.#hello = hello;
    this.#isReady = true;
    this.#failedAttempts = 0;
    this.#options.onConnected?.(hello);
    this.#pump();
  }

  #failed(id: number, error: FoveaError): void {
    // The server ends: the request is sent again over the next connection.
    if (error.code === 'draining') return;
    const pending = this.#take(id);
    if (pending !== undefined) pending.reject(error);
    else if (error.code === 'unauthenticated') this.#end(error);
    else this.#options.onProblem?.(error);
    this.#pump();
  }

  #take(id: number): Pending | undefined {
    const pending = this.#sent.get(id);
    this.#sent.delete(id);
    return pending;
  }

  /** The connection broke, or could not be made. */
  #lost(code: number, reason: string): void {
    this.#socket = undefined;
    this.#isReady = false;
    if (this.#refusal !== undefined) return;
    // Oldest first, before the requests that were never sent.
    this.#waiting.unshift(...this.#sent.values());
    this.#sent.clear();
    this.#failedAttempts += 1;
    if (code === POLICY) this.#end(new FoveaError(reason, { status: 401, code: 'unauthenticated' }));
    else if (this.#failedAttempts >= this.#maxAttempts) {
      const message = `No connection after ${this.#failedAttempts} attempts (close code ${code}). ${reason}`;
      this.#end(new FoveaError(message.trim(), { status: 0, code: 'connection_failed' }));
    } else this.#timer = setTimeout(() => void this.#connect(), this.#pauseMs());
  }

  /** Doubles with each attempt; random, so that the clients of a restarted server do not return all at once. */
  #pauseMs(): number {
    const { minPauseMs = 200, maxPauseMs = 5000 } = this.#options;
    const longest = Math.min(maxPauseMs, minPauseMs * 2 ** (this.#failedAttempts - 1));
    return longest * (0.5 + Math.random() / 2);
  }

  #end(error: FoveaError): void {
    if (this.#refusal !== undefined) return;
    this.#refusal = error;
    this.#isReady = false;
    clearTimeout(this.#timer);
    const pending = [...this.#sent.values(), ...this.#waiting.splice(0)];
    this.#sent.clear();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
    for (const { reject } of pending) reject(error);
  }
}
