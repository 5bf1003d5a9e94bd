import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { OpenConnections } from '../door/open-connections.js';

export interface ListenerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly connections: Pick<OpenConnections, 'opened' | 'closed'>;
  readonly accept: (socket: Socket) => void;
}

/** Accepts the connections of gRPC, and closes those beyond a limit: grpc-js has no limit of its own. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #lastId = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** @returns the port
   * @throws the system's error, as when the port is in use */
  async listen(): Promise<number> {
    const { host } = this.#options;
    try {
      await this.#listenOn(host);
    } catch (error) {
      // A kernel without IPv6 has no address `::`, which is the default.
      const hasNoIpv6 = error instanceof Error && 'code' in error && error.code === 'EAFNOSUPPORT';
      if (host !== '::' || !hasNoIpv6) throw error;
      await this.#listenOn('0.0.0.0');
    }
    // Node reports here that no file handle was free for a connection. That connection is lost, the server goes on.
    this.#server.on('error', () => undefined);
    const address = this.#server.address();
    if (address === null || typeof address === 'string')
      throw new Error('A port has no number. This is a bug.');
    return address.port;
  }

  /** Cuts every connection. */
  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  async #listenOn(host: string): Promise<void> {
    this.#server.listen({ host, port: this.#options.port });
    await once(this.#server, 'listening');
  }

  #accept(socket: Socket): void {
    const { connections, accept } = this.#options;
    const { remoteAddress } = socket;
    // The client has gone already.
    if (remoteAddress === undefined) return;
    const id = ++this.#lastId;
    this.#open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#open.delete(socket);
      connections.closed(id);
    });
    if (connections.opened(id, remoteAddress)) socket.destroy();
    else accept(socket.setNoDelay(true));
  }
}
