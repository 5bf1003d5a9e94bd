import { clientAddress, isTrusted, type parseNetworks } from './client.js';

export interface ConnectionLimits {
  readonly maxConnections: number;
  /** Part of `maxConnections` that one address may take. */
  readonly maxClientSharePercent: number;
  /** The share does not hold for them, because they connect for many clients. */
  readonly trustedProxies: ReturnType<typeof parseNetworks>;
  /** True while every new connection must be closed. */
  readonly isFull?: () => boolean;
}

/** Bounds open connections, of all clients and of each: each holds a file handle. */
export class OpenConnections {
  readonly #limits: ConnectionLimits;
  /** By socket. `counted` is `peer` as `clientAddress` names it. */
  readonly #addresses = new Map<number, { readonly peer: string; readonly counted: string }>();
  readonly #byAddress = new Map<string, number>();
  #total = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  get total(): number {
    return this.#total;
  }

  /** The address that `opened` was told; undefined for a socket that it was not told. */
  peerOf(socket: number): string | undefined {
    return this.#addresses.get(socket)?.peer;
  }

  /** @param socket any number of its own while it is open; undefined where sockets cannot be told apart: then only the limit of all holds
   * @returns whether the connection must be closed */
  opened(socket: number | undefined, peer: string): boolean {
    const { maxConnections, maxClientSharePercent, trustedProxies, isFull } = this.#limits;
    this.#total += 1;
    const address = clientAddress(peer, '', []);
    const own = (this.#byAddress.get(address) ?? 0) + 1;
    if (socket !== undefined) {
      this.#byAddress.set(address, own);
      this.#addresses.set(socket, { peer, counted: address });
    }
    const share = Math.max(1, Math.floor((maxConnections * maxClientSharePercent) / 100));
    if (this.#total > maxConnections || isFull?.() === true) return true;
    return socket !== undefined && own > share && !isTrusted(peer, trustedProxies);
  }

  /** A closed socket has no address any more, so that it is found by its number. */
  closed(socket: number | undefined): void {
    this.#total -= 1;
    if (socket === undefined) return;
    this.#forget(this.#addresses.get(socket)?.counted);
    this.#addresses.delete(socket);
  }

  /** A connection became a WebSocket: it stays counted, but uWebSockets.js no longer tells when it closes, and its
   * number may pass to another socket.
   * @returns to be called once, when the WebSocket has closed */
  upgraded(socket: number | undefined): () => void {
    const address = socket === undefined ? undefined : this.#addresses.get(socket)?.counted;
    if (socket !== undefined) this.#addresses.delete(socket);
    return () => {
      this.#total -= 1;
      this.#forget(address);
    };
  }

  #forget(address: string | undefined): void {
    if (address === undefined) return;
    const own = (this.#byAddress.get(address) ?? 0) - 1;
    if (own > 0) this.#byAddress.set(address, own);
    else this.#byAddress.delete(address);
  }
}
