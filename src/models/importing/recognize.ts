import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { externalFiles, readOnnx } from '../formats/onnx/read-onnx.js';
import { isSavedModelFile, SAVED_MODEL_FILE } from '../formats/saved-model/saved-model-files.js';
import { isGraphModel } from '../formats/tfjs-files/model-json-kind.js';
import type { ImportLimits } from './import-limits.js';
import {
  holdsKeras,
  isHdf5,
  type KerasModel,
  readKerasArchive,
  readKerasFiles,
  readKerasHdf5,
} from './keras/read-keras.js';
import { isZip, type ModelFiles } from './model-files.js';
import { layersModelFiles } from './version-files.js';

/** A model as the files of a version will hold it. */
export interface Recognized {
  /** In words for people, such as `ONNX`. */
  readonly kind: string;
  /** The file of the import that it came from. */
  readonly file: string;
  /** Of the version, by name. */
  readonly versionFiles: Readonly<Record<string, Uint8Array>>;
  /** The files of the import that are the model; what is left may describe it. */
  readonly used: ReadonlySet<string>;
}

const tfjsModel = z.looseObject({
  modelTopology: z.unknown(),
  weightsManifest: z.array(z.looseObject({ paths: z.array(z.string()) })),
  format: z.string().nullish(),
});

/** Finds the model among the files by what they hold, never by their names alone.
 * @throws FoveaError `model_invalid` when there is none, or several */
export async function recognize({ files, name }: ModelFiles, limits: ImportLimits): Promise<Recognized> {
  if (holdsKeras(files))
    return fromKeras(await readKerasFiles(files, limits), 'Keras', 'config.json', [...files.keys()]);
  const found: Recognized[] = [];
  for (const [file, bytes] of files) {
    const model = await recognizeOne(file, bytes, files, limits);
    if (model !== null) found.push(model);
  }
  const [first, second] = found;
  if (first !== undefined && second !== undefined)
    throw invalid(
      `${name} holds several models, ${found.map(({ file }) => file).join(' and ')}: import one of them.`,
    );
  if (first !== undefined) return first;
  throw invalid(
    `${name} holds no model that Fovea reads. It reads .keras and .h5 of Keras, model.json of TensorFlow.js (LayersModel and GraphModel) and Teachable Machine, ONNX, and the SavedModel of TensorFlow.${adviceFor(files)}`,
  );
}

async function recognizeOne(
  file: string,
  bytes: Uint8Array,
  files: ReadonlyMap<string, Uint8Array>,
  limits: ImportLimits,
): Promise<Recognized | null> {
  if (isHdf5(bytes)) return fromKeras(await readKerasHdf5(bytes, limits), 'Keras HDF5', file, [file]);
  if (file.endsWith('.keras') && isZip(bytes))
    return fromKeras(await readKerasArchive(bytes, limits), 'Keras', file, [file]);
  if (file === SAVED_MODEL_FILE || file.endsWith(`/${SAVED_MODEL_FILE}`)) return fromSavedModel(file, files);
  if (file.endsWith('.json')) return fromTfjs(file, bytes, files);
  return isOnnx(file, bytes, files) ? fromOnnx(file, bytes, files) : null;
}

/** Nothing marks an ONNX file: one without a known name is tried where it is alone. */
function isOnnx(file: string, bytes: Uint8Array, files: ReadonlyMap<string, Uint8Array>): boolean {
  if (file.endsWith('.onnx')) return true;
  if (files.size > 1 || adviceFor(files) !== '') return false;
  try {
    readOnnx(bytes);
    return true;
  } catch {
    return false;
  }
}

function fromKeras(model: KerasModel, kind: string, file: string, used: readonly string[]): Recognized {
  return {
    kind: `${kind} ${model.topology.keras_version}`,
    file,
    versionFiles: layersModelFiles(model),
    used: new Set(used),
  };
}

function fromTfjs(
  file: string,
  bytes: Uint8Array,
  files: ReadonlyMap<string, Uint8Array>,
): Recognized | null {
  const parsed = tfjsModel.safeParse(jsonOf(bytes));
  if (!parsed.success) return null;
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  const shards = parsed.data.weightsManifest.flatMap(({ paths }) => paths);
  const versionFiles: Record<string, Uint8Array> = { 'model.json': bytes };
  for (const shard of shards) {
    const content = files.get(folder + shard);
    if (content === undefined) throw invalid(`${file} names the weights ${shard}, which are missing.`);
    versionFiles[shard] = content;
  }
  return {
    kind: isGraphModel(parsed.data) ? 'TensorFlow.js graph' : 'TensorFlow.js layers',
    file,
    versionFiles,
    used: new Set([file, ...shards.map((shard) => folder + shard)]),
  };
}

function fromOnnx(file: string, bytes: Uint8Array, files: ReadonlyMap<string, Uint8Array>): Recognized {
  const model = readOnnx(bytes);
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  const versionFiles: Record<string, Uint8Array> = { 'model.onnx': bytes };
  for (const external of externalFiles(model)) {
    const content = files.get(folder + external);
    if (content === undefined)
      throw invalid(
        `${file} keeps weights in ${external}, which is missing: import the folder that holds both.`,
      );
    versionFiles[external] = content;
  }
  const opset = model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 0n;
  const producer = model.producerName === '' ? '' : ` of ${model.producerName}`;
  return {
    kind: `ONNX${producer}, opset ${opset}`,
    file,
    versionFiles,
    used: new Set([file, ...[...externalFiles(model)].map((external) => folder + external)]),
  };
}

function fromSavedModel(file: string, files: ReadonlyMap<string, Uint8Array>): Recognized {
  const folder = file.slice(0, -SAVED_MODEL_FILE.length);
  const parts = [...files].filter(
    ([name]) => name.startsWith(folder) && isSavedModelFile(name.slice(folder.length)),
  );
  return {
    kind: 'TensorFlow SavedModel',
    file,
    versionFiles: Object.fromEntries(parts.map(([name, bytes]) => [name.slice(folder.length), bytes])),
    used: new Set(parts.map(([name]) => name)),
  };
}

/** What to do with files that training tools write, but that are no model. */
function adviceFor(files: ReadonlyMap<string, Uint8Array>): string {
  const names = [...files.keys()];
  if (names.some((name) => /\.(pth?|bin|safetensors|ckpt)$/.test(name)))
    return ' Weights of PyTorch need the code that they belong to: export the model with torch.onnx.export and import the .onnx file.';
  if (names.some((name) => name.endsWith('.tflite')))
    return ' Import the Keras model that the .tflite file was made of.';
  return '';
}

export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function invalid(message: string): FoveaError {
  return new FoveaError('model_invalid', message);
}
