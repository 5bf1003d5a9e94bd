import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { replaceFile } from '../../platform/replace-file.js';

export interface ModelChoicesOptions<T> {
  /** The file need not exist. */
  readonly path: string;
  /** The choice for one model. */
  readonly schema: z.ZodType<T>;
  /** The content of the file, for the operator who must repair it. */
  readonly meaning: string;
  /** Reads the choices from the files of an older release; they are written to `path` at once. */
  readonly before?: () => Promise<Record<string, T>>;
}

/** One choice per model, in a small file of the state directory that is replaced atomically. */
export class ModelChoices<T> {
  readonly #path: string;
  #choices: Readonly<Record<string, T>>;
  /** Settles after the last write: writes run one after another. */
  #written: Promise<void> = Promise.resolve();

  private constructor(path: string, choices: Record<string, T>) {
    this.#path = path;
    this.#choices = choices;
  }

  /** @throws FoveaError `config_invalid` when the file does not fit the schema */
  static async open<T>(options: ModelChoicesOptions<T>): Promise<ModelChoices<T>> {
    const { path, schema, meaning, before } = options;
    try {
      const choices = z.record(z.string(), schema).parse(JSON.parse(await readFile(path, 'utf8')));
      return new ModelChoices(path, choices);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        const moved = new ModelChoices<T>(path, (await before?.()) ?? {});
        // On a full disk the next start tries again.
        if (moved.models.length > 0) await moved.#write(moved.#choices).catch(() => undefined);
        return moved;
      }
      throw new FoveaError('config_invalid', `${path} does not say ${meaning}: repair or remove it.`, {
        cause: error,
      });
    }
  }

  get models(): readonly string[] {
    return Object.keys(this.#choices);
  }

  of(model: string): T | undefined {
    return this.#choices[model];
  }

  /** Settles after the file was replaced. If that fails, the choices do not change. */
  set(model: string, choice: T): Promise<void> {
    const written = this.#written.then(() => this.#replace(model, choice));
    this.#written = written.catch(() => undefined);
    return written;
  }

  /** Forgets a model. */
  remove(model: string): Promise<void> {
    const written = this.#written.then(async () => {
      if (!(model in this.#choices)) return;
      const { [model]: _, ...choices } = this.#choices;
      await this.#write(choices);
      this.#choices = choices;
    });
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
