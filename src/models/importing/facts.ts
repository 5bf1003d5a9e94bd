import type { FactValues } from './fact-values.js';
import { type ImportField, type Spelling, spell } from './import-fields.js';

interface Stated {
  readonly value: unknown;
  readonly from: string;
  readonly isRequested: boolean;
}

/** What is known of a model to be imported, and which file, person or layer says so. The first to state a fact wins: a
 * person comes before files. */
export class Facts {
  readonly spelling: Spelling;
  readonly #stated = new Map<keyof FactValues, Stated>();

  /** @param spelling how the person calls the fields that errors name */
  constructor(spelling: Spelling = 'flags') {
    this.spelling = spelling;
  }

  /** Undefined values state nothing. */
  state<K extends keyof FactValues>(name: K, value: FactValues[K] | undefined, from: string): void {
    this.#state(name, value, { from, isRequested: false });
  }

  /** As `state`, of what a person said in these fields.
   * @param choice what a field was set to, where the table should show it */
  request<K extends keyof FactValues>(
    name: K,
    value: FactValues[K] | undefined,
    fields: readonly ImportField[],
    choice = '',
  ): void {
    const said = `${fields.map((field) => this.say(field)).join(', ')} ${choice}`.trim();
    const from = this.spelling === 'flags' ? said : `${said} of the request`;
    this.#state(name, value, { from, isRequested: true });
  }

  get<K extends keyof FactValues>(name: K): FactValues[K] | undefined {
    // The map holds under each name what `state` was given for it.
    return this.#stated.get(name)?.value as FactValues[K] | undefined;
  }

  /** In words for people; undefined where nobody stated the fact. */
  sourceOf(name: keyof FactValues): string | undefined {
    return this.#stated.get(name)?.from;
  }

  isRequested(name: keyof FactValues): boolean {
    return this.#stated.get(name)?.isRequested === true;
  }

  /** A field as the person calls it, such as `--drop-first`. */
  say(field: ImportField): string {
    return spell(field, this.spelling);
  }

  /** For the table and the manifest's provenance. */
  rows(): readonly { readonly fact: string; readonly value: string; readonly from: string }[] {
    return [...this.#stated].map(([fact, { value, from }]) => ({ fact, value: textOf(value), from }));
  }

  #state(name: keyof FactValues, value: unknown, about: Omit<Stated, 'value'>): void {
    if (value !== undefined && !this.#stated.has(name)) this.#stated.set(name, { value, ...about });
  }
}

const SHOWN_LABELS = 3;
const SHOWN_DIGITS = 5;

function textOf(value: unknown): string {
  if (Array.isArray(value)) {
    const shown = value.slice(0, SHOWN_LABELS).map(textOf).join(', ');
    return value.length > SHOWN_LABELS ? `${shown}, … (${value.length})` : shown;
  }
  if (typeof value === 'number') return String(Number(value.toPrecision(SHOWN_DIGITS)));
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, part]) => `${name} ${textOf(part)}`)
    .join(', ');
}
