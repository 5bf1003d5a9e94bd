import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { replaceFile } from '../../platform/replace-file.js';

export interface ModelChoicesOptions<T> {
  /** Of the file, which need not exist. */
  readonly path: string;
  /** What is kept of one model. */
  readonly schema: z.ZodType<T>;
  /** What the file says, for whoever has to mend it. */
  readonly meaning: string;
}

/** What somebody chose for each model: a small file of the state directory, replaced as a whole. */
export class ModelChoices<T> {
  readonly #path: string;
  #choices: Readonly<Record<string, T>>;
  /** Settles when the file may be replaced again. */
  #written: Promise<void> = Promise.resolve();

  private constructor(path: string, choices: Record<string, T>) {
    this.#path = path;
    this.#choices = choices;
  }

  /** @throws FoveaError `config_invalid` when it is no such file */
  static async open<T>({ path, schema, meaning }: ModelChoicesOptions<T>): Promise<ModelChoices<T>> {
    try {
      const choices = z.record(z.string(), schema).parse(JSON.parse(await readFile(path, 'utf8')));
      return new ModelChoices(path, choices);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        return new ModelChoices<T>(path, {});
      }
      throw new FoveaError('config_invalid', `${path} does not say ${meaning}: mend it, or remove it.`, {
        cause: error,
      });
    }
  }

  /** Undefined while nobody chose. */
  of(model: string): T | undefined {
    return this.#choices[model];
  }

  /** Settles once it would survive a loss of power.
   * @param choice undefined takes back what was chosen */
  set(model: string, choice: T | undefined): Promise<void> {
    const written = this.#written.then(() => this.#replace(model, choice));
    this.#written = written.catch(() => undefined);
    return written;
  }

  async #replace(model: string, choice: T | undefined): Promise<void> {
    const { [model]: before, ...others } = this.#choices;
    if (choice === undefined && before === undefined) return;
    const choices = choice === undefined ? others : { ...others, [model]: choice };
    await replaceFile(this.#path, `${JSON.stringify(choices, null, 2)}\n`);
    this.#choices = choices;
  }
}
