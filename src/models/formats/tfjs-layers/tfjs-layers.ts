import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelVersion } from '../../repository/model-version.js';
import type { Compiled, LayerSummary, ModelFormat, ModelSource } from '../format.js';
import { compileModel } from './compile.js';
import { layerSummaries } from './layer-summaries.js';
import {
  type LayersModel,
  type ModelJson,
  type ReadFile,
  readModelJson,
  readWeights,
} from './layers-model.js';

/** A version that holds a tfjs LayersModel: `model.json` and the weight files that it names. */
export class TfjsLayersSource implements ModelSource {
  readonly format = 'tfjs-layers';
  readonly version: ModelVersion;
  readonly layers: readonly LayerSummary[];
  readonly #json: ModelJson;
  readonly #read: ReadFile;
  #model: Promise<LayersModel> | undefined;
  #compiled: Promise<Compiled> | undefined;

  private constructor(version: ModelVersion, json: ModelJson, read: ReadFile) {
    this.version = version;
    this.layers = layerSummaries(json);
    this.#json = json;
    this.#read = read;
  }

  /** @throws FoveaError `model_invalid` */
  static async open(version: ModelVersion): Promise<TfjsLayersSource> {
    const read = async (name: string) => await readFile(join(version.directory, name));
    return new TfjsLayersSource(version, await readModelJson(read), read);
  }

  /** Topology and weights, as tfjs loads them. Later calls return the result of the first call.
   * @throws FoveaError `model_invalid` */
  model(): Promise<LayersModel> {
    this.#model ??= readWeights(this.#json, this.#read);
    return this.#model;
  }

  plan(): Promise<Compiled> {
    this.#compiled ??= this.model().then(compileModel);
    return this.#compiled;
  }
}

/** The tfjs GraphModel: the only other format with a `model.json`. */
const graphModel = z.looseObject({ format: z.literal('graph-model') });

export const tfjsLayers: ModelFormat = {
  name: 'tfjs-layers',
  files: 'model.json',
  recognizes: async (directory) => {
    const text = await readFile(join(directory, 'model.json'), 'utf8').catch(() => null);
    return text !== null && !graphModel.safeParse(jsonOf(text)).success;
  },
  open: (version) => TfjsLayersSource.open(version),
};

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
