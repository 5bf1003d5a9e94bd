import uWS, { type HttpResponse, type ListenOptions, type TemplatedApp } from 'uWebSockets.js';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { FoveaError } from '../../platform/errors.js';
import type { Cors } from './cors.js';
import type { Dispatcher } from './dispatcher.js';
import { type Fallback, fallbacksOf } from './fallback.js';
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

export interface ServerOptions {
  /** PEM files; undefined serves plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly cors: Cors;
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
  #openConnections = 0;
  readonly #countConnection = (_res: HttpResponse, change: unknown): void => {
    this.#openConnections += Number(change);
  };

  constructor(groups: readonly RouteGroup[], dispatcher: Dispatcher, { tls, cors }: ServerOptions) {
    this.#app = makeApp(tls);
    this.#dispatcher = dispatcher;
    if (cors.isEnabled) this.#registerPreflight(cors);
    for (const group of groups) {
      const { routes, errorReply } = group;
      for (const route of routes) this.#register({ ...route, errorReply });
      for (const fallback of fallbacksOf(group)) this.#registerFallback(fallback, errorReply);
    }
    this.#app.filter(this.#countConnection);
  }

  get openConnections(): number {
    return this.#openConnections;
  }

  /** @param port 0 takes a free port
   * @returns the port
   * @throws FoveaError `config_invalid` when the port is in use or `host` is not an address of this machine */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#app.listen(host, port, EXCLUSIVE_PORT, (socket) => {
        if (socket) resolve(uWS.us_socket_local_port(socket));
        else
          reject(
            new FoveaError(
              'config_invalid',
              `Cannot listen on ${host}:${port}: the port is in use, or the host is not an address of this machine.`,
            ),
          );
      });
    });
  }

  /** Closes the port and cuts every connection. */
  close(): void {
    this.#app.close();
  }

  #register(route: Endpoint): void {
    if (route.method === 'DELETE') {
      this.#app.del(route.path, (res, req) => this.#dispatcher.dispatch(route, res, req));
      return;
    }
    if (route.method === 'PUT') {
      this.#app.put(route.path, (res, req) => this.#dispatcher.dispatch(route, res, req));
      return;
    }
    if (route.method === 'POST') {
      this.#app.post(route.path, (res, req) => this.#dispatcher.dispatch(route, res, req));
      return;
    }
    this.#app.get(route.path, (res, req) => this.#dispatcher.dispatch(route, res, req));
    this.#app.head(route.path, (res, req) => this.#dispatcher.dispatch(route, res, req));
  }

  #registerPreflight(cors: Cors): void {
    this.#app.options('/*', (res, req) => {
      const headers = cors.preflightHeadersFor(req.getHeader('origin'));
      res.cork(() => {
        res.writeStatus('204 No Content');
        for (const [name, value] of headers) res.writeHeader(name, value);
        res.endWithoutBody();
      });
    });
  }

  #registerFallback({ path, error }: Fallback, errorReply: ErrorReply): void {
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
    this.#app.any(path, (res, req) => this.#dispatcher.dispatch(route, res, req));
  }
}
