import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { replaceFile } from '../../platform/replace-file.js';

export interface ModelChoicesOptions<T> {
  /** Of the file, which need not exist. */
  readonly path: string;
  /** What is kept of one model. */
  readonly schema: z.ZodType<T>;
  /** What the file says, for the operator who has to mend it. */
  readonly meaning: string;
  /** Reads the choices from where they lay before there was this file; they are written to it at once. */
  readonly before?: () => Promise<Record<string, T>>;
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
  static async open<T>(options: ModelChoicesOptions<T>): Promise<ModelChoices<T>> {
    const { path, schema, meaning, before } = options;
    try {
      const choices = z.record(z.string(), schema).parse(JSON.parse(await readFile(path, 'utf8')));
      return new ModelChoices(path, choices);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        const moved = new ModelChoices<T>(path, (await before?.()) ?? {});
        if (moved.models.length > 0) await moved.#write(moved.#choices);
        return moved;
      }
      throw new FoveaError('config_invalid', `${path} does not say ${meaning}: mend it, or remove it.`, {
        cause: error,
      });
    }
  }

  /** Those that somebody chose something for. */
  get models(): readonly string[] {
    return Object.keys(this.#choices);
  }

  /** Undefined while nobody chose. */
  of(model: string): T | undefined {
    return this.#choices[model];
  }

  /** Settles once the file is replaced; where that fails the choices stay as they were. */
  set(model: string, choice: T): Promise<void> {
    const written = this.#written.then(() => this.#replace(model, choice));
    this.#written = written.catch(() => undefined);
    return written;
  }

  async #replace(model: string, choice: T): Promise<void> {
    const choices = { ...this.#choices, [model]: choice };
    await this.#write(choices);
    this.#choices = choices;
  }

  #write(choices: Readonly<Record<string, T>>): Promise<void> {
    return replaceFile(this.#path, `${JSON.stringify(choices, null, 2)}\n`);
  }
}
