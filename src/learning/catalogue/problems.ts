import { FoveaError } from '../../platform/errors.js';

/** Problems listed in the error. One problem is enough to refuse an upload. */
const MAX_LISTED_PROBLEMS = 20;

/** Collects the problems of an upload, so that the client can fix all of them at once. */
export class Problems {
  readonly #listed: string[] = [];
  #count = 0;

  add({ name }: { readonly name: string }, what: string): void {
    this.#count += 1;
    if (this.#listed.length < MAX_LISTED_PROBLEMS) this.#listed.push(`${name}: ${what}`);
  }

  /** @throws FoveaError `dataset_invalid` when there is at least one problem */
  refuse(): void {
    if (this.#count === 0) return;
    const images = this.#count === 1 ? 'one image' : `${this.#count} images`;
    throw new FoveaError(
      'dataset_invalid',
      `The upload was refused because of ${images}: ${this.#listed[0]}`,
      { details: { problems: this.#listed, problem_count: this.#count } },
    );
  }
}
