import { FoveaError } from '../../platform/errors.js';
import type { Principal } from '../../serving/call.js';
import type { ApiKeys } from './api-keys.js';
import { clientAddress, isLoopback, type parseNetworks } from './client.js';
import type { ClientHash } from './client-hash.js';
import { KnownClient } from './known-client.js';

/** Who may call a route: everybody, clients that may predict, clients that may change the server. */
export type Access = 'open' | 'predict' | 'admin';

/** The parts of a request that identify its client. */
export interface Sender {
  /** The peer's address as text. */
  readonly peer: string;
  readonly authorization: string;
  readonly apiKey: string;
  readonly forwarded: string;
  readonly forwardedFor: string;
  readonly host: string;
  readonly origin: string;
}

export interface GateOptions {
  readonly keys: Pick<ApiKeys, 'isRequired' | 'holderOf'>;
  readonly trustedProxies: ReturnType<typeof parseNetworks>;
  /** Pseudonyms for the history. */
  readonly hashes: Pick<ClientHash, 'of'>;
}

/** Cached clients by peer; beyond it the cache is cleared. */
const MAX_REMEMBERED = 4096;

const LOCAL_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** A page of another site may make a browser on this machine send requests here: its Origin gives it away, and a
 * name that was bent to 127.0.0.1 stands in Host. */
function isFromThisMachine({ peer, forwarded, forwardedFor, host, origin }: Sender): boolean {
  if (!isLoopback(peer) || forwarded !== '' || forwardedFor !== '' || !LOCAL_HOST.test(host)) return false;
  return origin === '' || origin === `http://${host}` || origin === `https://${host}`;
}

function keyOf({ authorization, apiKey }: Sender): string {
  return /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? apiKey;
}

/** Authenticates and authorises requests, and names their clients. */
export class Gate {
  readonly #options: GateOptions;

  /** By peer, for requests without proxy: parsing the address takes longer than the rest of `admit`. */
  readonly #clients = new Map<string, Principal>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** @returns the client, named by its key or else by its address
   * @throws FoveaError `unauthenticated`, `forbidden` */
  admit(access: Access, sender: Sender): Principal {
    const { keys } = this.#options;
    const key = keyOf(sender);
    const holder = key === '' ? undefined : keys.holderOf(key);
    const client =
      holder === undefined
        ? this.#clientAt(sender)
        : new KnownClient(`key:${holder.id}`, holder.role, this.#options.hashes);
    if (access === 'open') return client;
    if (key !== '' && holder === undefined) {
      throw new FoveaError('unauthenticated', 'This API key is unknown or was revoked.');
    }
    if (keys.isRequired) {
      if (holder === undefined) {
        throw new FoveaError(
          'unauthenticated',
          'Send an API key: Authorization: Bearer <key>, or X-API-Key: <key>.',
        );
      }
      if (access === 'admin' && holder.role !== 'admin') {
        throw new FoveaError('forbidden', 'This needs a key with the role admin.');
      }
    } else if (access === 'admin' && !isFromThisMachine(sender)) {
      throw new FoveaError(
        'forbidden',
        'Without API keys only this machine itself may change the server: call it on localhost, or run `npx fovea keys create`.',
      );
    }
    return client;
  }

  #clientAt({ peer, forwardedFor }: Sender): Principal {
    const { trustedProxies, hashes } = this.#options;
    if (trustedProxies.length > 0 && forwardedFor !== '') {
      return new KnownClient(clientAddress(peer, forwardedFor, trustedProxies), 'anonymous', hashes);
    }
    const known = this.#clients.get(peer);
    if (known !== undefined) return known;
    const client = new KnownClient(clientAddress(peer, '', trustedProxies), 'anonymous', hashes);
    if (this.#clients.size >= MAX_REMEMBERED) this.#clients.clear();
    this.#clients.set(peer, client);
    return client;
  }
}
