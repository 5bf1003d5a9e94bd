import { z } from 'zod';
import type { AnsweringVersion } from './history.js';

const versionSchema = z.tuple([z.string(), z.int(), z.array(z.string()), z.array(z.string()).nullable()]);

/** Description of a version for the writer. */
export function describeVersion({ model, version, labels, labelIds = null }: AnsweringVersion): string {
  return JSON.stringify([model, version, labels, labelIds]);
}

/** @param description of `describeVersion` */
export function parseVersion(description: string): Required<AnsweringVersion> {
  const [model, version, labels, labelIds] = versionSchema.parse(JSON.parse(description));
  return { model, version, labels, labelIds };
}

/** Numbers versions by first use, so that their labels are sent to the writer once. */
export class VersionNumbers {
  readonly #numbers = new Map<string, number>();
  #sent = 0;
  /** Cache: consecutive rows nearly always have the same version. */
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

  /** Versions numbered since the last call, and the number of the first. */
  takeNew(): { readonly firstNewVersion: number; readonly newVersions: readonly string[] } {
    const firstNewVersion = this.#sent;
    this.#sent = this.#numbers.size;
    return { firstNewVersion, newVersions: [...this.#numbers.keys()].slice(firstNewVersion) };
  }

  /** Call it when a group with descriptions was lost or the writer was replaced. */
  sendAllAgain(): void {
    this.#sent = 0;
  }
}
