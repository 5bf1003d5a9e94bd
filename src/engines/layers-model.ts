import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FoveaError } from '../errors.js';

/** Weights lie beside `model.json`: a path elsewhere is refused. */
const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);

const weightSpec = z.looseObject({
  name: z.string().min(1),
  shape: z.array(z.int().nonnegative()),
  dtype: z.enum(['float32', 'int32', 'bool', 'string', 'complex64']),
});

const modelFile = z.looseObject({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(z.looseObject({ paths: z.array(fileName), weights: z.array(weightSpec) })),
});

export type WeightSpec = z.infer<typeof weightSpec>;

/** A tfjs LayersModel as its files hold it. */
export interface LayersModel {
  /** The JSON that Keras and tfjs write; `layer-graph.ts` reads it. */
  readonly topology: Record<string, unknown>;
  /** In the order of `weightData`. */
  readonly weightSpecs: readonly WeightSpec[];
  /** All weights behind one another, little-endian. */
  readonly weightData: ArrayBuffer;
}

/** Reads `model.json` and the weight files that it names.
 * @param directory of the model version
 * @throws FoveaError `model_invalid` */
export async function readLayersModel(directory: string): Promise<LayersModel> {
  const parsed = modelFile.safeParse(await readJson(join(directory, 'model.json')));
  if (!parsed.success) {
    const message = `model.json is no tfjs LayersModel: ${z.prettifyError(parsed.error)}`;
    throw new FoveaError('model_invalid', message, { cause: parsed.error });
  }
  const groups = parsed.data.weightsManifest;
  return {
    topology: parsed.data.modelTopology,
    weightSpecs: groups.flatMap((group) => group.weights),
    weightData: await readWeights(
      directory,
      groups.flatMap((group) => group.paths),
    ),
  };
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new FoveaError('model_invalid', 'model.json is missing or no JSON.', { cause: error });
  }
}

async function readWeights(directory: string, names: readonly string[]): Promise<ArrayBuffer> {
  const shards: Buffer[] = [];
  for (const name of names) {
    try {
      shards.push(await readFile(join(directory, name)));
    } catch (error) {
      throw new FoveaError('model_invalid', `The weights file ${name} cannot be read.`, { cause: error });
    }
  }
  const bytes = new Uint8Array(shards.reduce((sum, shard) => sum + shard.length, 0));
  let offset = 0;
  for (const shard of shards) {
    bytes.set(shard, offset);
    offset += shard.length;
  }
  return bytes.buffer;
}
