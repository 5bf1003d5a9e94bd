import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Dataset, File, Group, type File as Hdf5File, ready } from 'h5wasm/node';
import { FoveaError } from '../../../platform/errors.js';
import type { Weights } from '../../plan/plan.js';
import type { ImportLimits } from '../import-limits.js';

/** Opens an HDF5 file for as long as `use` works on it. The library reads files, no memory.
 * @throws FoveaError `model_invalid` for a damaged one */
export async function withHdf5<T>(
  bytes: Uint8Array,
  { maxBytes }: ImportLimits,
  use: (file: Hdf5Reader) => T,
): Promise<T> {
  const path = join(tmpdir(), `fovea-${randomUUID()}.h5`);
  await ready;
  await writeFile(path, bytes, { mode: 0o600 });
  try {
    const file = new File(path, 'r');
    try {
      return use(new Hdf5Reader(file, maxBytes / Float32Array.BYTES_PER_ELEMENT));
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof FoveaError) throw error;
    throw new FoveaError('model_invalid', 'The HDF5 file is damaged.', { cause: error });
  } finally {
    await rm(path, { force: true });
  }
}

export class Hdf5Reader {
  readonly #file: Hdf5File;
  readonly #maxNumbers: number;

  /** @param maxNumbers of one dataset */
  constructor(file: Hdf5File, maxNumbers: number) {
    this.#file = file;
    this.#maxNumbers = maxNumbers;
  }

  /** A text among the file's own attributes. */
  attribute(name: string): string | undefined {
    const value: unknown = this.#file.attrs[name]?.value;
    return typeof value === 'string' ? value : undefined;
  }

  /** The names of what a group holds; none where there is no such group. */
  keys(path: string): readonly string[] {
    const group = this.#file.get(path);
    return group instanceof Group ? group.keys() : [];
  }

  /** A text array among a group's attributes. */
  names(path: string, attribute: string): readonly string[] {
    const group = this.#file.get(path);
    const value: unknown = group instanceof Group ? group.attrs[attribute]?.value : undefined;
    return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
  }

  /** Numbers as float32; undefined where there is no such dataset.
   * @throws FoveaError `model_invalid` */
  numbers(path: string): Weights | undefined {
    const dataset = this.#file.get(path);
    if (!(dataset instanceof Dataset)) return undefined;
    const shape = dataset.shape ?? [];
    const size = shape.reduce((product, length) => product * length, 1);
    // Compressed datasets are larger than their file.
    if (size > this.#maxNumbers)
      throw new FoveaError(
        'too_large',
        `${path} holds more than ${this.#maxNumbers} numbers (FOVEA_IMPORT_MAX_BYTES).`,
      );
    const value: unknown = dataset.value;
    const values =
      value instanceof Float32Array
        ? value
        : value instanceof Float64Array
          ? Float32Array.from(value)
          : typeof value === 'number'
            ? Float32Array.of(value)
            : undefined;
    if (values?.length !== size)
      throw new FoveaError(
        'model_invalid',
        `${path} holds numbers of the type ${String(dataset.dtype)}: save the model in float32.`,
      );
    return { shape, values: values.slice() };
  }
}
