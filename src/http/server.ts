import uWS, { type HttpResponse, type ListenOptions, type TemplatedApp } from 'uWebSockets.js';
import { FoveaError } from '../errors.js';
import type { Dispatcher } from './dispatcher.js';
import type { Route } from './route.js';
import { type Fallback, methodFallbacks, notFoundFallback } from './routes/fallback.js';

declare module 'uWebSockets.js' {
  interface TemplatedApp {
    /** Host, port and options together: implemented, but missing in the package's types. */
    listen(
      host: string,
      port: number,
      options: ListenOptions,
      callback: (listenSocket: us_listen_socket | false) => void,
    ): TemplatedApp;
  }
}

/** LIBUS_LISTEN_EXCLUSIVE_PORT: without it a second server on the same port would silently take half the requests. */
const EXCLUSIVE_PORT: ListenOptions = 1;

/** The table of routes on a port. */
export class HttpServer {
  readonly #app: TemplatedApp = uWS.App();
  readonly #dispatcher: Dispatcher;
  #openConnections = 0;
  readonly #countConnection = (_res: HttpResponse, change: unknown): void => {
    this.#openConnections += Number(change);
  };

  constructor(routes: readonly Route[], dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher;
    for (const route of routes) this.#register(route);
    for (const fallback of [...methodFallbacks(routes), notFoundFallback]) this.#registerFallback(fallback);
    this.#app.filter(this.#countConnection);
  }

  get openConnections(): number {
    return this.#openConnections;
  }

  /** @param port 0 takes any free one
   * @returns the port
   * @throws FoveaError `config_invalid` when it is taken or the host is not this machine's */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#app.listen(host, port, EXCLUSIVE_PORT, (socket) => {
        if (socket) resolve(uWS.us_socket_local_port(socket));
        else
          reject(
            new FoveaError(
              'config_invalid',
              `Cannot listen on ${host}:${port}: it is taken, or no address here.`,
            ),
          );
      });
    });
  }

  /** Closes the port and cuts every connection. */
  close(): void {
    this.#app.close();
  }

  #register(route: Route): void {
    if (route.method === 'DELETE') {
      this.#app.del(route.path, (res, req) => this.#dispatcher.dispatch(route, res, req));
      return;
    }
    if (route.method === 'POST') {
      this.#app.post(route.path, (res, req) => this.#dispatcher.dispatch(route, res, req));
      return;
    }
    this.#app.get(route.path, (res, req) => this.#dispatcher.dispatch(route, res, req));
    this.#app.head(route.path, (res, req) => this.#dispatcher.dispatch(route, res, req));
  }

  #registerFallback(fallback: Fallback): void {
    const route: Route = { ...fallback, method: 'GET', summary: '', answer: undefined, needsModel: false };
    this.#app.any(fallback.path, (res, req) => this.#dispatcher.dispatch(route, res, req));
  }
}
