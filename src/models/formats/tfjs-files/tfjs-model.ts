import { z } from 'zod';
import { FoveaError } from '../../../platform/errors.js';
import { dequantize } from './dequantize.js';
import { storedSpec, type WeightSpec } from './weight-spec.js';

/** A plain file name, because a path would reach files outside the version's folder. */
const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);

const modelFile = z.looseObject({
  /** `layers-model` or `graph-model`; old converters leave it out. */
  format: z.string().nullish(),
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(z.looseObject({ paths: z.array(fileName), weights: z.array(storedSpec) })),
});

export type ModelJson = z.infer<typeof modelFile>;

/** Reads a file of the version by its name; rejects when it is missing. */
export type ReadFile = (name: string) => Promise<Uint8Array>;

/** The content of the files of a tfjs model: a LayersModel or a GraphModel. */
export interface TfjsModel {
  /** Of a LayersModel as Keras writes it (`tfjs-layers/layer-graph.ts` reads it), of a GraphModel a GraphDef
   * (`tfjs-graph/graph.ts`). */
  readonly topology: Record<string, unknown>;
  /** In the order of `weightData`. */
  readonly weightSpecs: readonly WeightSpec[];
  /** All weights concatenated, little-endian. */
  readonly weightData: ArrayBuffer;
}

/** @throws FoveaError `model_invalid` */
export async function readTfjsModel(read: ReadFile): Promise<TfjsModel> {
  return readWeights(await readModelJson(read), read);
}

/** @throws FoveaError `model_invalid` */
export async function readModelJson(read: ReadFile): Promise<ModelJson> {
  const parsed = modelFile.safeParse(await readJson(read));
  if (parsed.success) return parsed.data;
  const message = `model.json is not a model of tfjs: ${z.prettifyError(parsed.error)}`;
  throw new FoveaError('model_invalid', message, { cause: parsed.error });
}

/** Reads the weight files that `model.json` names.
 * @throws FoveaError `model_invalid` */
export async function readWeights(
  { modelTopology, weightsManifest }: ModelJson,
  read: ReadFile,
): Promise<TfjsModel> {
  const names = weightsManifest.flatMap((group) => group.paths);
  const stored = weightsManifest.flatMap((group) => group.weights);
  const data = await joinShards(names, read);
  const isPlain = stored.every((spec) => spec.quantization === undefined);
  const { weightSpecs, weightData } = isPlain
    ? { weightSpecs: stored, weightData: data }
    : dequantize(stored, data);
  return { topology: modelTopology, weightSpecs, weightData };
}

async function readJson(read: ReadFile): Promise<unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(await read('model.json')));
  } catch (error) {
    throw new FoveaError('model_invalid', 'model.json is missing or not JSON.', { cause: error });
  }
}

async function joinShards(names: readonly string[], read: ReadFile): Promise<ArrayBuffer> {
  const shards: Uint8Array[] = [];
  for (const name of names) {
    try {
      shards.push(await read(name));
    } catch (error) {
      throw new FoveaError('model_invalid', `The weights file ${name} cannot be read.`, { cause: error });
    }
  }
  const [only, another] = shards;
  if (only?.buffer instanceof ArrayBuffer && another === undefined && only.length === only.buffer.byteLength)
    return only.buffer;
  const bytes = new Uint8Array(shards.reduce((sum, shard) => sum + shard.length, 0));
  let offset = 0;
  for (const shard of shards) {
    bytes.set(shard, offset);
    offset += shard.length;
  }
  return bytes.buffer;
}
