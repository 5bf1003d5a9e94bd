import { z } from 'zod';
import { FoveaError } from '../../../platform/errors.js';
import { allLayers, readTopology, type Topology } from '../../formats/tfjs-layers/topology.js';
import type { Weights } from '../../plan/plan.js';
import { requireLayersSize } from '../graph-size.js';
import type { ImportLimits } from '../import-limits.js';
import { unzip } from '../unpack-model.js';
import { type Hdf5Reader, withHdf5 } from './hdf5.js';
import { variablesOf } from './variables.js';

/** A model of Keras, as its file holds it. */
export interface KerasModel {
  /** As `modelTopology` of model.json. */
  readonly topology: { readonly keras_version: string; readonly model_config: unknown };
  /** By `<layer>/<weight>`, nested models before the layer. */
  readonly weights: ReadonlyMap<string, Weights>;
}

const HDF5_SIGNATURE = [0x89, 0x48, 0x44, 0x46];

export function isHdf5(bytes: Uint8Array): boolean {
  return HDF5_SIGNATURE.every((byte, index) => bytes[index] === byte);
}

/** `.keras` files are archives of three files.
 * @throws FoveaError `model_invalid` */
export async function readKerasArchive(bytes: Uint8Array, limits: ImportLimits): Promise<KerasModel> {
  return readKerasFiles(await unzip(bytes, limits), limits);
}

export function holdsKeras(files: ReadonlyMap<string, Uint8Array>): boolean {
  return files.has('config.json') && files.has('model.weights.h5');
}

/** @throws FoveaError `model_invalid` */
export async function readKerasFiles(
  files: ReadonlyMap<string, Uint8Array>,
  limits: ImportLimits,
): Promise<KerasModel> {
  const config = jsonOf(files.get('config.json'), 'config.json');
  const metadata = z
    .looseObject({ keras_version: z.string() })
    .safeParse(jsonOf(files.get('metadata.json'), 'metadata.json'));
  const version = metadata.success ? metadata.data.keras_version : '3';
  const topology = topologyOf(config, version, limits);
  const weights = files.get('model.weights.h5');
  if (weights === undefined) throw invalid('The .keras file holds no model.weights.h5.');
  const byName = new Map<string, Weights>();
  await withHdf5(weights, limits, (file) => readContainer(file, topology, '', '', byName));
  return { topology: { keras_version: version, model_config: config }, weights: byName };
}

/** Keras 2's files, which Keras 3 still writes: the configuration in an attribute, weights by their layers' names.
 * @throws FoveaError `model_invalid` */
export async function readKerasHdf5(bytes: Uint8Array, limits: ImportLimits): Promise<KerasModel> {
  return withHdf5(bytes, limits, (file) => {
    const text = file.attribute('model_config');
    if (text === undefined)
      throw invalid(
        'The HDF5 file holds weights only: save the whole model, with model.save("model.keras").',
      );
    const config = jsonOf(new TextEncoder().encode(text), 'model_config');
    const version = file.attribute('keras_version') ?? '2';
    const topology = topologyOf(config, version, limits);
    const weights = new Map<string, Weights>();
    for (const { name, layer } of allLayers(topology)) {
      const group = `model_weights/${name.split('/')[0] ?? name}`;
      const stored = file.names(group, 'weight_names');
      for (const variable of variablesOf(layer)) {
        const path = stored.find((entry) => isOf(entry, layer.config.name, variable));
        const numbers = path === undefined ? undefined : file.numbers(`${group}/${path}`);
        if (numbers !== undefined) weights.set(`${name}/${variable}`, numbers);
      }
    }
    return { topology: { keras_version: version, model_config: config }, weights };
  });
}

/** `functional/Conv1/kernel:0`: the last two names are the layer's and the weight's. */
function isOf(entry: string, layer: string, variable: string): boolean {
  const names = entry.replace(/:\d+$/, '').split('/');
  const last = names.at(-1);
  // Keras 3 calls it `kernel` in every convolution.
  const isVariable = last === variable || (variable === 'depthwise_kernel' && last === 'kernel');
  return isVariable && (names.at(-2) === layer || names.length === 1);
}

/** Groups are called by the layers' classes and counted, in the order of the layers: their own names are not there.
 * @source keras/src/saving/saving_lib.py, `_save_container_state` */
function readContainer(
  file: Hdf5Reader,
  { config }: Pick<Topology, 'config'>,
  group: string,
  path: string,
  weights: Map<string, Weights>,
): void {
  const used = new Map<string, number>();
  const container = ['layers', '_layer_checkpoint_dependencies'].find(
    (name) => file.keys(group + name).length > 0,
  );
  for (const layer of config.layers) {
    // Operations such as `x + 3` are no layers.
    if (typeof layer.module === 'string' && layer.module.startsWith('keras.src.ops')) continue;
    const kind = snakeCase(layer.class_name);
    const count = used.get(kind);
    used.set(kind, (count ?? -1) + 1);
    const place = `${group}${container ?? 'layers'}/${count === undefined ? kind : `${kind}_${count + 1}`}`;
    const name = path + layer.config.name;
    const nested = readTopology(layer);
    if (nested !== undefined) readContainer(file, nested, `${place}/`, `${name}/`, weights);
    variablesOf(layer).forEach((variable, index) => {
      const numbers = file.numbers(`${place}/vars/${index}`);
      if (numbers !== undefined) weights.set(`${name}/${variable}`, numbers);
    });
  }
}

/** @source keras/src/utils/naming.py, `to_snake_case` */
function snakeCase(name: string): string {
  return name
    .replaceAll(/\W+/g, '')
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

function topologyOf(config: unknown, version: string, limits: ImportLimits): Topology {
  const topology = readTopology({ keras_version: version, model_config: config });
  if (topology === undefined)
    throw invalid(
      'The model is a subclass of keras.Model, whose code Fovea does not run: export it with model.export("model.onnx", format="onnx") and import that.',
    );
  requireLayersSize(topology, limits);
  for (const { name, layer } of allLayers(topology))
    if (layer.class_name.endsWith('Lambda'))
      throw invalid(
        `The layer ${name} is a ${layer.class_name}, which holds code of the model's author: replace it by layers of Keras.`,
      );
  return topology;
}

function jsonOf(bytes: Uint8Array | undefined, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new FoveaError('model_invalid', `${name} of the model is missing, or is no JSON.`, {
      cause: error,
    });
  }
}

function invalid(message: string): FoveaError {
  return new FoveaError('model_invalid', message);
}
