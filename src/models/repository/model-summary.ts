import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import type { ModelVersion } from './model-version.js';

const layer = z.object({ class_name: z.string(), config: z.object({ name: z.string() }) });

/** Sequential models of old Keras are a bare list. */
const network = z.object({ config: z.union([z.array(layer), z.object({ layers: z.array(layer) })]) });

/** As much of model.json as tells layers and weights; Keras' converter wraps what tfjs writes. */
const modelJsonSchema = z.object({
  modelTopology: z.union([
    z.object({ model_config: network }).transform((wrapper) => wrapper.model_config),
    network,
  ]),
  weightsManifest: z.array(
    z.object({ weights: z.array(z.object({ name: z.string(), shape: z.array(z.int().nonnegative()) })) }),
  ),
});

type ModelJson = z.infer<typeof modelJsonSchema>;

async function readModelJson(version: ModelVersion): Promise<ModelJson> {
  try {
    return modelJsonSchema.parse(JSON.parse(await readFile(join(version.directory, 'model.json'), 'utf8')));
  } catch (error) {
    throw new FoveaError('model_invalid', 'The version has no usable model.json.', { cause: error });
  }
}

/** Numbers per layer; a weight is called `<layer>/<weight>`. */
function countParameters({ weightsManifest }: ModelJson): ReadonlyMap<string, number> {
  const parameters = new Map<string, number>();
  for (const { name, shape } of weightsManifest.flatMap(({ weights }) => weights)) {
    const owner = name.slice(0, name.lastIndexOf('/'));
    parameters.set(owner, (parameters.get(owner) ?? 0) + shape.reduce((product, size) => product * size, 1));
  }
  return parameters;
}

/** A model's layers with their parameters, as a table for people.
 * @throws FoveaError `model_invalid` */
export async function summarizeModel(version: ModelVersion): Promise<string> {
  const model = await readModelJson(version);
  const { config } = model.modelTopology;
  const layers = Array.isArray(config) ? config : config.layers;
  const parameters = countParameters(model);
  const rows = layers.map(({ class_name, config: { name } }) => [
    `${name} (${class_name})`,
    String(parameters.get(name) ?? 0),
  ]);
  const total = [...parameters.values()].reduce((sum, count) => sum + count, 0);
  const width = Math.max(...rows.map(([label = '']) => label.length), 'Layer'.length) + 2;
  const lines = [['Layer', 'Parameters'], ...rows].map(([label = '', count = '']) => {
    return label.padEnd(width) + count.padStart(12);
  });
  return [...lines, '', `Total parameters: ${total}`].join('\n');
}
