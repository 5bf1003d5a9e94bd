import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { FoveaError } from '../errors.js';
import { replaceFile } from '../replace-file.js';

const activeSchema = z.record(
  z.string(),
  z.strictObject({
    version: z.int().positive(),
    /** What was active before, for rollback. */
    previous: z.int().positive().nullable(),
  }),
);

type Active = z.infer<typeof activeSchema>;
export type ActiveVersion = Active[string];

/** Which version of each model somebody activated: a small file of the state directory, replaced as a whole. */
export class ActiveVersions {
  readonly #path: string;
  #active: Active;

  private constructor(path: string, active: Active) {
    this.#path = path;
    this.#active = active;
  }

  /** @param path of the file, which need not exist
   * @throws FoveaError `config_invalid` when it is no such file */
  static async open(path: string): Promise<ActiveVersions> {
    try {
      return new ActiveVersions(path, activeSchema.parse(JSON.parse(await readFile(path, 'utf8'))));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        return new ActiveVersions(path, {});
      }
      throw new FoveaError(
        'config_invalid',
        `${path} does not say which versions are active: mend it, or remove it to serve the highest.`,
        { cause: error },
      );
    }
  }

  /** Undefined while nobody activated a version of the model: then the highest one counts. */
  of(model: string): ActiveVersion | undefined {
    return this.#active[model];
  }

  /** Settles once it would survive a loss of power. One call at a time. */
  async set(model: string, active: ActiveVersion): Promise<void> {
    const next = { ...this.#active, [model]: active };
    await replaceFile(this.#path, `${JSON.stringify(next, null, 2)}\n`);
    this.#active = next;
  }
}
