import type { Header } from './reply.js';

const EXPOSED =
  'X-Request-Id, Server-Timing, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, Location';
const PREFLIGHT: readonly Header[] = [
  ['Access-Control-Allow-Methods', 'GET, HEAD, POST, PUT, DELETE'],
  ['Access-Control-Max-Age', '600'],
];
const USUAL_HEADERS = 'Authorization, Content-Type, X-API-Key, X-Request-Id';
/** @source RFC 9110, 5.6.2 */
const HEADER_NAMES = /^[\w!#$%&'*+.^`|~-]+(\s*,\s*[\w!#$%&'*+.^`|~-]+)*$/;
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

  /** Whether a page may open a WebSocket. Browsers send cookies and client certificates with it but do not apply CORS, so
   * that the server must check the origin itself.
   * @param origin '' for clients that are no browser
   * @param host the Host header: pages of this server itself are allowed
   * @source RFC 6455, 10.2 */
  allowsSocket(origin: string, host: string): boolean {
    if (origin === '' || this.#origins.has('*') || this.#origins.has(origin)) return true;
    return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
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

  /** Answers a preflight request. A page of an allowed origin may send any header, because upload widgets add headers such
   * as Cache-Control.
   * @param requestHeaders Access-Control-Request-Headers; '' when absent */
  preflightHeadersFor(origin: string, requestHeaders: string): readonly Header[] {
    const allowed = HEADER_NAMES.test(requestHeaders) ? requestHeaders : USUAL_HEADERS;
    const vary: Header = ['Vary', 'Access-Control-Request-Headers'];
    return [...this.headersFor(origin), ...PREFLIGHT, ['Access-Control-Allow-Headers', allowed], vary];
  }
}
