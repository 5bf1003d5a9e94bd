import uWS, {
  type HttpRequest,
  type HttpResponse,
  type ListenOptions,
  type TemplatedApp,
  type WebSocketBehavior,
} from 'uWebSockets.js';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { createSecureContext } from 'node:tls';
import { FoveaError } from '../../platform/errors.js';
import type { OpenConnections } from '../door/open-connections.js';
import type { Connections } from './connections.js';
import type { Cors } from './cors.js';
import type { Dispatcher } from './dispatcher.js';
import { type Fallback, fallbacksOf } from './fallback.js';
import { remoteAddressOf } from './remote-address.js';
import type { ErrorReply } from './reply.js';
import type { Endpoint, RouteGroup } from './route.js';

declare module 'uWebSockets.js' {
  interface TemplatedApp {
    /** The overload with host, port and options: uWebSockets.js has it, its types do not. */
    listen(
      host: string,
      port: number,
      options: ListenOptions,
      callback: (listenSocket: us_listen_socket | false) => void,
    ): TemplatedApp;
  }
}

/** LIBUS_LISTEN_EXCLUSIVE_PORT: without it a second server on the same port would receive half of the requests. */
const EXCLUSIVE_PORT: ListenOptions = 1;
/** LIBUS_LISTEN_DEFAULT: uSockets sets SO_REUSEPORT. */
const SHARED_PORT: ListenOptions = 0;

export interface ServerOptions {
  /** PEM files; undefined serves plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly cors: Cors;
  readonly connections: Pick<Connections, 'socketOf'>;
  readonly openConnections: OpenConnections;
  /** Routes answer with and without it; '' for none. */
  readonly basePath: string;
  /** Whether other servers listen on the same port. */
  readonly isPortShared: boolean;
}

/** @throws FoveaError `config_invalid` when the certificate or its key cannot be used */
function makeApp(tls: ServerOptions['tls']): TemplatedApp {
  if (tls === undefined) return uWS.App();
  try {
    // uWebSockets.js gives no reason for a failure, so Node reads the same files first.
    createSecureContext({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) });
    return uWS.SSLApp({ cert_file_name: tls.cert, key_file_name: tls.key });
  } catch (cause) {
    throw new FoveaError(
      'config_invalid',
      'FOVEA_TLS_CERT and FOVEA_TLS_KEY must be PEM files of one key pair.',
      {
        cause,
      },
    );
  }
}

/** Serves groups of routes on one port. */
export class HttpServer {
  readonly #app: TemplatedApp;
  readonly #dispatcher: Dispatcher;
  readonly #options: ServerOptions;

  constructor(groups: readonly RouteGroup[], dispatcher: Dispatcher, options: ServerOptions) {
    const { tls, cors } = options;
    this.#app = makeApp(tls);
    this.#dispatcher = dispatcher;
    this.#options = options;
    if (cors.isEnabled) this.#registerPreflight(cors);
    for (const group of groups) {
      const { routes, errorReply } = group;
      for (const base of this.#bases) {
        for (const route of routes) this.#register(base, { ...route, errorReply });
        for (const fallback of fallbacksOf(group)) this.#registerFallback(base, fallback, errorReply);
      }
    }
    // The package's types say that `change` is a boolean; it is 1 or -1.
    this.#app.filter((res: HttpResponse, change: unknown) => this.#count(res, Number(change)));
  }

  get openConnections(): number {
    return this.#options.openConnections.total;
  }

  /** Registers a WebSocket endpoint, with and without the base path. */
  mount<Data>(path: string, behavior: WebSocketBehavior<Data>): void {
    for (const base of this.#bases) this.#app.ws(base + path, behavior);
  }

  /** Sends one text message to every WebSocket that has subscribed to `topic`. */
  publish(topic: string, message: string): void {
    this.#app.publish(topic, message);
  }

  get #bases(): readonly string[] {
    const { basePath } = this.#options;
    return basePath === '' ? [''] : ['', basePath];
  }

  /** @param port 0 takes a free port
   * @returns the port
   * @throws FoveaError `config_invalid` when the port is in use or `host` is not an address of this machine */
  async listen(host: string, port: number): Promise<number> {
    const taken = (await this.#listenOn(host, port)) ?? (await this.#listenWithoutIpv6(host, port));
    if (taken !== undefined) return taken;
    throw new FoveaError(
      'config_invalid',
      `Cannot listen on ${host}:${port}: the port is in use, or the host is not an address of this machine.`,
    );
  }

  /** A kernel without IPv6 has no address `::`, which is the default. */
  #listenWithoutIpv6(host: string, port: number): Promise<number | undefined> {
    const hasIpv6 = Object.values(networkInterfaces()).some((addresses = []) =>
      addresses.some(({ family }) => family === 'IPv6'),
    );
    return host === '::' && !hasIpv6 ? this.#listenOn('0.0.0.0', port) : Promise.resolve(undefined);
  }

  #listenOn(host: string, port: number): Promise<number | undefined> {
    const sharing = this.#options.isPortShared ? SHARED_PORT : EXCLUSIVE_PORT;
    return new Promise((resolve) => {
      this.#app.listen(host, port, sharing, (socket) => {
        resolve(socket ? uWS.us_socket_local_port(socket) : undefined);
      });
    });
  }

  /** Closes the port and cuts every connection. */
  close(): void {
    this.#app.close();
  }

  /** A connection was opened (1) or closed (-1). Closes a connection beyond a limit. */
  #count(res: HttpResponse, change: number): void {
    const { connections, openConnections } = this.#options;
    const socket = connections.socketOf(res);
    if (change < 0) openConnections.closed(socket);
    else if (openConnections.opened(socket, remoteAddressOf(res))) res.close();
  }

  #register(base: string, route: Endpoint): void {
    const dispatch = (res: HttpResponse, req: HttpRequest): void =>
      this.#dispatcher.dispatch(route, res, req);
    // uWebSockets.js matches `/base/`, not `/base`, with the pattern `/base/`.
    const paths = base !== '' && route.path === '/' ? [base, `${base}/`] : [base + route.path];
    for (const path of paths) {
      if (route.method === 'DELETE') this.#app.del(path, dispatch);
      else if (route.method === 'PUT') this.#app.put(path, dispatch);
      else if (route.method === 'POST') this.#app.post(path, dispatch);
      else this.#app.get(path, dispatch).head(path, dispatch);
    }
  }

  #registerPreflight(cors: Cors): void {
    this.#app.options('/*', (res, req) => {
      const headers = cors.preflightHeadersFor(
        req.getHeader('origin'),
        req.getHeader('access-control-request-headers'),
      );
      res.cork(() => {
        res.writeStatus('204 No Content');
        for (const [name, value] of headers) res.writeHeader(name, value);
        res.endWithoutBody();
      });
    });
  }

  #registerFallback(base: string, { path, error }: Fallback, errorReply: ErrorReply): void {
    const route: Endpoint = {
      path,
      method: 'GET',
      summary: '',
      answer: undefined,
      access: 'open',
      limit: undefined,
      needsModel: false,
      errorReply,
      respond: () => Promise.reject(error),
    };
    this.#app.any(base + path, (res, req) => this.#dispatcher.dispatch(route, res, req));
  }
}
