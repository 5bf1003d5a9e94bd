import type { HttpRequest, HttpResponse, us_socket_context_t, WebSocketBehavior } from 'uWebSockets.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type ErrorCode, FoveaError } from '../../platform/errors.js';
import type { Door } from '../door/door.js';
import type { Address, Front } from '../front.js';
import { errorHeaders } from '../http/error-headers.js';
import { errorReply } from '../http/reply.js';
import type { SocketHost } from '../http/socket-host.js';
import { ERROR_STATUS } from '../http/status.js';
import type { Conversation, SocketEndpoint } from './endpoint.js';
import { admitHandshake, type Handshake, readHandshake } from './handshake.js';
import { Socket } from './socket.js';

/** Receives what happens on the WebSocket endpoints. Its methods must not throw. */
export interface SocketObserver {
  socketOpened(path: string): void;
  socketClosed(path: string): void;
  upgradeRefused(code: ErrorCode): void;
}

export interface WebSocketFrontOptions extends Pick<Door, 'gate' | 'state'> {
  readonly host: SocketHost;
  readonly endpoints: readonly SocketEndpoint[];
  readonly maxConnections: number;
  /** Part of `maxConnections` that one client may take. */
  readonly maxClientSharePercent: number;
  readonly maxMessageBytes: number;
  readonly maxBacklogBytes: number;
  /** 8000..960000: uWebSockets.js ends the process for other values. */
  readonly pingTimeoutMs: number;
  readonly log: Pick<Logger, 'error'>;
  readonly observer: SocketObserver;
}

/** uWebSockets.js copies its fields to the socket's object, so that only objects in them stay the same. */
interface UserData {
  readonly connection: Connection;
}

/** One connection. */
interface Connection {
  readonly path: string;
  /** Its part of `maxConnections` counts under this name. */
  readonly client: string;
  readonly begin: (socket: Socket) => Conversation;
  /** Uncounts it in the HTTP front. */
  readonly release: () => void;
  /** Undefined until it is open. */
  talk?: { readonly socket: Socket; readonly conversation: Conversation };
}

const TICK_MS = 1000;
/** How long `drain` waits after the last answer: the kernel may still have to send it. */
const FLUSH_MS = 100;

/** WebSocket endpoints, on the port of the HTTP front. */
export class WebSocketFront implements Front {
  readonly name = 'websocket';
  readonly #options: WebSocketFrontOptions;
  readonly #open = new Set<Connection>();
  readonly #byClient = new Map<string, number>();
  #ticking: NodeJS.Timeout | undefined;
  #onEmpty: () => void = () => undefined;

  constructor(options: WebSocketFrontOptions) {
    this.#options = options;
  }

  /** To be called once the HTTP front is open. */
  open(): Promise<Address> {
    const { host, endpoints } = this.#options;
    const { address } = host;
    if (address === undefined)
      return Promise.reject(new FoveaError('internal', 'The HTTP front is not open. This is a bug.'));
    for (const endpoint of endpoints) host.mount(endpoint.path, this.#behaviorOf(endpoint));
    this.#ticking = setInterval(() => this.#tick(), TICK_MS).unref();
    return Promise.resolve({ ...address, url: address.url.replace('http', 'ws') });
  }

  async drain(): Promise<void> {
    if (this.#open.size === 0) return;
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    for (const { talk } of [...this.#open]) talk?.conversation.drain();
    await empty;
    await sleep(FLUSH_MS);
  }

  /** The HTTP front, which closes later, cuts the connections that are still open. */
  close(): Promise<void> {
    clearInterval(this.#ticking);
    for (const { talk } of [...this.#open]) talk?.socket.cut();
    return Promise.resolve();
  }

  #behaviorOf(endpoint: SocketEndpoint): WebSocketBehavior<UserData> {
    const { maxMessageBytes, maxBacklogBytes, pingTimeoutMs } = this.#options;
    return {
      maxPayloadLength: maxMessageBytes,
      maxBackpressure: maxBacklogBytes,
      idleTimeout: Math.ceil(pingTimeoutMs / 1000),
      sendPingsAutomatically: true,
      upgrade: (res, req, context) => this.#upgrade(endpoint, { res, req, context }),
      open: (ws) => {
        const { connection } = ws.getUserData();
        const socket = new Socket(ws);
        connection.talk = { socket, conversation: connection.begin(socket) };
      },
      message: (ws, message, isBinary) => {
        const { talk } = ws.getUserData().connection;
        this.#safely(() => talk?.conversation.received(message, isBinary));
      },
      drain: (ws) => {
        if (ws.getBufferedAmount() > 0) return;
        const { talk } = ws.getUserData().connection;
        this.#safely(() => talk?.conversation.caughtUp());
      },
      close: (ws) => this.#closed(ws.getUserData().connection),
    };
  }

  #upgrade(
    endpoint: SocketEndpoint,
    { res, req, context }: { res: HttpResponse; req: HttpRequest; context: us_socket_context_t },
  ): void {
    const handshake = readHandshake(res, req);
    try {
      const { gate, state, host, observer } = this.#options;
      const upgrade = admitHandshake(handshake, endpoint, { gate, state, cors: host.cors });
      const begin = endpoint.accept(upgrade);
      const connection = this.#count(endpoint, handshake, begin, res);
      observer.socketOpened(endpoint.path);
      const { key, extensions, offered } = handshake;
      const protocol = offered.length === 0 ? '' : upgrade.protocol;
      res.upgrade<UserData>({ connection }, key, protocol, extensions, context);
    } catch (thrown) {
      this.#refuse(res, handshake, FoveaError.from(thrown));
    }
  }

  /** @throws FoveaError `overloaded`, `rate_limited` */
  #count(
    { path }: SocketEndpoint,
    { sender }: Handshake,
    begin: Connection['begin'],
    res: HttpResponse,
  ): Connection {
    const { maxConnections, maxClientSharePercent, gate, host } = this.#options;
    const client = gate.admit('open', sender).name;
    const own = this.#byClient.get(client) ?? 0;
    if (this.#open.size >= maxConnections)
      throw new FoveaError('overloaded', 'The server has as many WebSockets as it may; try again soon.');
    if (own >= Math.max(1, Math.floor((maxConnections * maxClientSharePercent) / 100)))
      throw new FoveaError('rate_limited', 'This client has as many WebSockets as one client may.');
    const connection: Connection = { path, client, begin, release: host.upgrading(res) };
    this.#byClient.set(client, own + 1);
    this.#open.add(connection);
    return connection;
  }

  #refuse(res: HttpResponse, { id }: Handshake, error: FoveaError): void {
    if (ERROR_STATUS[error.code].status === 500)
      this.#options.log.error({ err: error, request_id: id }, 'an upgrade failed');
    this.#options.observer.upgradeRefused(error.code);
    const reply = errorReply(error, { id });
    this.#options.host.refuse(res, { ...reply, headers: [...reply.headers, ...errorHeaders(error)] }, id);
  }

  #closed(connection: Connection): void {
    const { client, talk, release, path } = connection;
    this.#open.delete(connection);
    const own = (this.#byClient.get(client) ?? 0) - 1;
    if (own > 0) this.#byClient.set(client, own);
    else this.#byClient.delete(client);
    release();
    this.#options.observer.socketClosed(path);
    talk?.socket.forget();
    this.#safely(() => talk?.conversation.closed());
    if (this.#open.size === 0) this.#onEmpty();
  }

  #tick(): void {
    const nowMs = performance.now();
    for (const { talk } of [...this.#open]) this.#safely(() => talk?.conversation.tick(nowMs));
  }

  /** An exception in a callback of uWebSockets.js would end the process. */
  #safely(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.log.error({ err: error }, 'a WebSocket’s callback failed. This is a bug.');
    }
  }
}
