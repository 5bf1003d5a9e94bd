import { FoveaError } from '../../platform/errors.js';
import type { Access } from '../http/route.js';
import type { ApiKeys } from './api-keys.js';
import { clientAddress, isLoopback, type parseNetworks } from './client.js';

/** What of a request tells who sends it. */
export interface Sender {
  /** Text of the connection's other end. */
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
}

/** Peers whose addresses are remembered; more are read again. */
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

/** Decides who may come in, and tells clients apart. */
export class Gate {
  readonly #options: GateOptions;

  /** Of peers without a proxy, for reading an address takes longer than all else here. */
  readonly #addresses = new Map<string, string>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** @returns the client's name: its key's, else its address'
   * @throws FoveaError `unauthenticated`, `forbidden` */
  admit(access: Access, sender: Sender): string {
    const { keys } = this.#options;
    const key = keyOf(sender);
    const holder = key === '' ? undefined : keys.holderOf(key);
    const client = holder === undefined ? this.#addressOf(sender) : `key:${holder.id}`;
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

  #addressOf({ peer, forwardedFor }: Sender): string {
    const { trustedProxies } = this.#options;
    if (trustedProxies.length > 0 && forwardedFor !== '')
      return clientAddress(peer, forwardedFor, trustedProxies);
    const known = this.#addresses.get(peer);
    if (known !== undefined) return known;
    const address = clientAddress(peer, '', trustedProxies);
    if (this.#addresses.size >= MAX_REMEMBERED) this.#addresses.clear();
    this.#addresses.set(peer, address);
    return address;
  }
}
