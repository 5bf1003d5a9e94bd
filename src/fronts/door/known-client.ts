import type { Principal } from '../../serving/call.js';
import type { ClientHash } from './client-hash.js';

/** A client that the gate admitted. */
export class KnownClient implements Principal {
  readonly name: string;
  readonly role: Principal['role'];
  readonly #hashes: Pick<ClientHash, 'of'>;

  constructor(name: string, role: Principal['role'], hashes: Pick<ClientHash, 'of'>) {
    this.name = name;
    this.role = role;
    this.#hashes = hashes;
  }

  get hash(): string {
    return this.#hashes.of(this.name);
  }
}
