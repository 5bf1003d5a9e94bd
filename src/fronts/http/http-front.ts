import type { HttpResponse, WebSocketBehavior } from 'uWebSockets.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseNetworks } from '../door/client.js';
import { OpenConnections } from '../door/open-connections.js';
import type { Address, Front } from '../front.js';
import { Connections } from './connections.js';
import { Cors } from './cors.js';
import { Dispatcher, type DispatcherOptions } from './dispatcher.js';
import { remoteAddressOf } from './remote-address.js';
import type { Reply } from './reply.js';
import { Responder } from './responder.js';
import type { RouteGroup } from './route.js';
import { HttpServer } from './server.js';
import { SlowTransfers } from './slow-transfers.js';
import type { SocketHost } from './socket-host.js';

export interface HttpFrontOptions
  extends Omit<DispatcherOptions, 'cors' | 'connections' | 'peerOf' | 'slowBodies' | 'slowAnswers'> {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Whether other servers listen on the same port; default false. */
  readonly isPortShared?: boolean;
  /** PEM files; '' for both serves plain HTTP. */
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly corsOrigins: string;
  /** Routes answer with and without it; '' for none. */
  readonly basePath: string;
  /** 0 for no minimum. */
  readonly minBodyBytesPerSecond: number;
  /** Of streamed answers; 0 for no minimum. */
  readonly minAnswerBytesPerSecond: number;
  /** Over which that rate is measured. */
  readonly answerWindowMs?: number;
  readonly keepAliveTimeoutMs: number;
  readonly maxConnections: number;
  /** Part of `maxConnections` that one address may take. */
  readonly maxClientSharePercent: number;
  /** Addresses and networks, separated by commas. */
  readonly trustedProxies: string;
  /** True while every new connection must be closed, because no file handle is free. */
  readonly isFull?: () => boolean;
  readonly groups: readonly RouteGroup[];
}

/** How long `close` waits for answers that slow clients have not read yet: closing cuts them. */
const FLUSH_MS = 250;
/** A phone may lose its network for some seconds. */
const BODY_WINDOW_MS = 10_000;
/** Longer, because the kernel takes and sends up to some megabytes at once. */
const ANSWER_WINDOW_MS = 30_000;

/** All addresses are shown as `localhost`, so that the URL in the log can be opened; IPv6 needs brackets. */
function urlHostOf(host: string): string {
  if (host === '::' || host === '0.0.0.0') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

/** The HTTP front, with the routes of every protocol that runs over HTTP. */
export class HttpFront implements Front, SocketHost {
  readonly name = 'http';
  readonly #options: HttpFrontOptions;
  readonly #server: HttpServer;
  readonly #connections: Connections;
  readonly #openConnections: OpenConnections;
  readonly cors: Cors;
  #address: Address | undefined;
  #isDrained: boolean = false;

  /** @throws FoveaError `config_invalid` when the certificate or its key cannot be used */
  constructor(options: HttpFrontOptions) {
    const {
      groups,
      tlsCert,
      tlsKey,
      corsOrigins,
      basePath,
      minBodyBytesPerSecond,
      minAnswerBytesPerSecond,
      answerWindowMs = ANSWER_WINDOW_MS,
      keepAliveTimeoutMs,
      isPortShared = false,
      ...others
    } = options;
    const cors = new Cors(corsOrigins);
    const tls = tlsCert === '' ? undefined : { cert: tlsCert, key: tlsKey };
    this.#options = options;
    const connections = new Connections({ isTls: tls !== undefined, keepAliveTimeoutMs });
    const openConnections = new OpenConnections({
      ...options,
      trustedProxies: parseNetworks(options.trustedProxies),
    });
    const slowBodies = new SlowTransfers({
      minBytesPerSecond: minBodyBytesPerSecond,
      windowMs: BODY_WINDOW_MS,
      rule: 'The body must arrive',
    });
    const slowAnswers = new SlowTransfers({
      minBytesPerSecond: minAnswerBytesPerSecond,
      windowMs: answerWindowMs,
      rule: 'The answer must be read',
    });
    const peerOf = (res: HttpResponse): string => {
      const socket = connections.socketOf(res);
      // uWebSockets.js makes an ArrayBuffer of the text, which takes 7 µs.
      return (socket === undefined ? undefined : openConnections.peerOf(socket)) ?? remoteAddressOf(res);
    };
    const dispatcher = new Dispatcher({ ...others, cors, connections, peerOf, slowBodies, slowAnswers });
    this.cors = cors;
    this.#connections = connections;
    this.#openConnections = openConnections;
    this.#server = new HttpServer(groups, dispatcher, {
      tls,
      cors,
      basePath,
      isPortShared,
      connections,
      openConnections,
    });
  }

  async open(): Promise<Address> {
    const { host, tlsCert } = this.#options;
    const port = await this.#server.listen(host, this.#options.port);
    const scheme = tlsCert === '' ? 'http' : 'https';
    this.#address = { host, port, url: `${scheme}://${urlHostOf(host)}:${port}` };
    return this.#address;
  }

  get address(): Address | undefined {
    return this.#address;
  }

  mount<Data>(path: string, behavior: WebSocketBehavior<Data>): void {
    this.#server.mount(path, behavior);
  }

  publish(topic: string, message: string): void {
    this.#server.publish(topic, message);
  }

  upgrading(res: HttpResponse): () => void {
    return this.#openConnections.upgraded(this.#connections.socketOf(res));
  }

  refuse(res: HttpResponse, reply: Reply, requestId: string): void {
    new Responder(res, { requestId, isHead: false, connections: this.#connections }).send(reply, true);
  }

  async drain(): Promise<void> {
    await this.#options.admission.whenIdle();
    this.#isDrained = true;
  }

  async close(): Promise<void> {
    if (this.#isDrained && this.#server.openConnections > 0) await sleep(FLUSH_MS);
    this.#server.close();
  }
}
