import type { Header } from './reply.js';

const EXPOSED =
  'X-Request-Id, Server-Timing, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, Location';
const PREFLIGHT: readonly Header[] = [
  ['Access-Control-Allow-Methods', 'GET, HEAD, POST, PUT, DELETE'],
  ['Access-Control-Allow-Headers', 'Authorization, Content-Type, X-API-Key, X-Request-Id'],
  ['Access-Control-Max-Age', '600'],
];
const NONE: readonly Header[] = [];

/** Headers that let pages of other sites read our answers.
 * @source https://fetch.spec.whatwg.org/#http-cors-protocol */
export class Cors {
  readonly #origins: ReadonlySet<string>;

  /** @param origins such as `https://a.example,https://b.example`, or `*` for all; '' for none */
  constructor(origins: string) {
    this.#origins = new Set(
      origins
        .split(',')
        .map((origin) => origin.trim())
        .filter((origin) => origin !== ''),
    );
  }

  get isEnabled(): boolean {
    return this.#origins.size > 0;
  }

  /** Headers of an answer to a page of `origin`. */
  headersFor(origin: string): readonly Header[] {
    if (!this.isEnabled) return NONE;
    if (this.#origins.has('*'))
      return [
        ['Access-Control-Allow-Origin', '*'],
        ['Access-Control-Expose-Headers', EXPOSED],
      ];
    const vary: Header = ['Vary', 'Origin'];
    if (!this.#origins.has(origin)) return [vary];
    return [vary, ['Access-Control-Allow-Origin', origin], ['Access-Control-Expose-Headers', EXPOSED]];
  }

  /** Headers of the answer to a preflight. */
  preflightHeadersFor(origin: string): readonly Header[] {
    return [...this.headersFor(origin), ...PREFLIGHT];
  }
}
