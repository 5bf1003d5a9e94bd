import { FoveaError } from '../../platform/errors.js';
import type { Principal } from '../../serving/call.js';
import type { AdminToken } from './admin-token.js';
import type { ApiKeys } from './api-keys.js';
import { clientAddress, type parseNetworks } from './client.js';
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
  readonly forwardedFor: string;
}

export interface GateOptions {
  readonly keys: Pick<ApiKeys, 'isRequired' | 'holderOf'>;
  readonly adminToken: Pick<AdminToken, 'matches'>;
  readonly trustedProxies: ReturnType<typeof parseNetworks>;
  /** Pseudonyms for the history. */
  readonly hashes: Pick<ClientHash, 'of'>;
}

/** `Principal.name` of the holder of the admin token. */
const ADMIN_TOKEN_NAME = 'key:admin-token';

/** Cached clients by peer; beyond it the cache is cleared. */
const MAX_REMEMBERED = 4096;

function keyOf({ authorization, apiKey }: Sender): string {
  return /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? apiKey;
}

/** @throws FoveaError `unauthenticated`, `forbidden` */
function requireAdmin({ role }: Principal): void {
  if (role === 'admin') return;
  if (role === 'predict') throw new FoveaError('forbidden', 'This needs an API key with the role admin.');
  throw new FoveaError(
    'unauthenticated',
    'This needs an API key with the role admin, or the token in the file admin-token of FOVEA_STATE_DIR: Authorization: Bearer <key or token>.',
  );
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
    const key = keyOf(sender);
    const holder = key === '' ? undefined : this.#holderOf(key);
    const client = holder ?? this.#clientAt(sender);
    if (access === 'open') return client;
    if (key !== '' && holder === undefined) {
      throw new FoveaError('unauthenticated', 'This API key is unknown or was revoked.');
    }
    if (access === 'admin') requireAdmin(client);
    else if (holder === undefined && this.#options.keys.isRequired) {
      throw new FoveaError(
        'unauthenticated',
        'Send an API key: Authorization: Bearer <key>, or X-API-Key: <key>.',
      );
    }
    return client;
  }

  #holderOf(key: string): Principal | undefined {
    const { keys, adminToken, hashes } = this.#options;
    const holder = keys.holderOf(key);
    if (holder !== undefined) return new KnownClient(`key:${holder.id}`, holder.role, hashes);
    return adminToken.matches(key) ? new KnownClient(ADMIN_TOKEN_NAME, 'admin', hashes) : undefined;
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
