import type { AnsweringVersion } from './history.js';

/** How a version is written where it is told to the writer. */
export function describeVersion({ model, version, labels }: AnsweringVersion): string {
  return JSON.stringify([model, version, labels]);
}

/** Numbers versions in the order in which they first answered, so that their labels travel to the writer once. */
export class VersionNumbers {
  readonly #numbers = new Map<string, number>();
  #sent = 0;
  /** Nearly always the one of the row before. */
  #last: { readonly version: AnsweringVersion; readonly number: number } | undefined;

  numberOf(version: AnsweringVersion): number {
    if (this.#last?.version === version) return this.#last.number;
    const description = describeVersion(version);
    let number = this.#numbers.get(description);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(description, number);
    }
    this.#last = { version, number };
    return number;
  }

  /** Those that were numbered since the last call, and the number of the first of them. */
  takeNew(): { readonly firstNewVersion: number; readonly newVersions: readonly string[] } {
    const firstNewVersion = this.#sent;
    this.#sent = this.#numbers.size;
    return { firstNewVersion, newVersions: [...this.#numbers.keys()].slice(firstNewVersion) };
  }

  /** A group was lost, with the versions that it named, or the writer is another one. */
  sendAllAgain(): void {
    this.#sent = 0;
  }
}
