import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openVersion } from '../../src/models/repository/open-version.js';
import { networkInput } from '../architectures/network-input.js';

/** A network in the folder of `bench/architectures.bench.ts`. */
export interface Network {
  readonly name: string;
  /** Of its version in `<folder>/models`. */
  readonly model: string;
  /** For the other runtimes; channels first. */
  readonly onnx: string;
  readonly side: number;
  /** The file of float32 that it sees of one photograph. */
  readonly input: string;
}

export function versionOf(folder: string, model: string) {
  return openVersion({ directory: join(folder, 'models', model, '1'), model, version: 1 });
}

export function pixelsOf(folder: string, side: number): Promise<Buffer> {
  return readFile(join(folder, `${side}.pixels`));
}

/** @param name as keras.applications has it */
export async function networkOf(folder: string, name: string): Promise<Network> {
  const model = `keras-${name}`.toLowerCase();
  const { manifest } = await versionOf(folder, model);
  const { height: side, width, channels } = manifest.input;
  const pixels = await pixelsOf(folder, side);
  const input = join(folder, `${name}.input.f32`);
  const first = networkInput(manifest, pixels.subarray(0, side * width * channels));
  await writeFile(input, new Uint8Array(first.buffer));
  return { name, model, onnx: join(folder, `keras-${name}.exported.onnx`), side, input };
}
