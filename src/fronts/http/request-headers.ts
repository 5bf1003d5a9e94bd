import type { HttpRequest } from 'uWebSockets.js';

/** The header lines of a request, read once while uWebSockets.js' `req` is alive. `req.getHeader` returns only the first
 * of several lines, so that a line of the client's own would hide the line that its proxy appended. */
export class RequestHeaders {
  readonly #values = new Map<string, string>();
  #repeated: Set<string> | undefined;

  constructor(req: Pick<HttpRequest, 'forEach'>) {
    req.forEach((name, value) => {
      const before = this.#values.get(name);
      if (before === undefined) {
        this.#values.set(name, value);
        return;
      }
      this.#values.set(name, `${before}, ${value}`);
      this.#repeated ??= new Set();
      this.#repeated.add(name);
    });
  }

  /** @param name lower case
   * @returns all lines of the header, joined by commas; '' when absent
   * @source RFC 9110, 5.3 */
  get(name: string): string {
    return this.#values.get(name) ?? '';
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Headers of more than one line. */
  get repeated(): ReadonlySet<string> {
    return this.#repeated ?? NONE;
  }
}

const NONE: ReadonlySet<string> = new Set();
