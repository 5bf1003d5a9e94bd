import type { AnsweringVersion } from './history.js';

/** How a version is written where it is told to the writer. */
export function describeVersion({ model, version, labels }: AnsweringVersion): string {
  return JSON.stringify([model, version, labels]);
}

/** Numbers versions in the order in which they first answered, so that their labels travel to the writer once. */
export class VersionNumbers {
  readonly #numbers = new Map<string, number>();
  #unsent: string[] = [];
  /** Nearly always the one of the row before. */
  #last: { readonly version: AnsweringVersion; readonly number: number } | undefined;

  numberOf(version: AnsweringVersion): number {
    if (this.#last?.version === version) return this.#last.number;
    const description = describeVersion(version);
    let number = this.#numbers.get(description);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(description, number);
      this.#unsent.push(description);
    }
    this.#last = { version, number };
    return number;
  }

  /** Those that were numbered since the last call. */
  takeNew(): readonly string[] {
    const taken = this.#unsent;
    this.#unsent = [];
    return taken;
  }
}
