import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelVersion } from '../../repository/model-version.js';
import type { Compiled, LayerSummary, ModelFormat, ModelSource } from '../format.js';
import { modelJsonKind } from '../tfjs-files/model-json-kind.js';
import {
  type ModelJson,
  type ReadFile,
  readModelJson,
  readWeights,
  type TfjsModel,
} from '../tfjs-files/tfjs-model.js';
import { compileModel } from './compile.js';
import { layerSummaries } from './layer-summaries.js';

/** A version that holds a tfjs LayersModel: `model.json` and the weight files that it names. */
export class TfjsLayersSource implements ModelSource {
  readonly format = 'tfjs-layers';
  readonly version: ModelVersion;
  readonly layers: readonly LayerSummary[];
  readonly #json: ModelJson;
  readonly #read: ReadFile;
  #model: Promise<TfjsModel> | undefined;
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
  model(): Promise<TfjsModel> {
    this.#model ??= readWeights(this.#json, this.#read);
    return this.#model;
  }

  plan(): Promise<Compiled> {
    this.#compiled ??= this.model().then(compileModel);
    return this.#compiled;
  }

  forget(): void {
    this.#compiled = undefined;
    this.#model = undefined;
  }
}

export const tfjsLayers: ModelFormat = {
  name: 'tfjs-layers',
  files: 'model.json',
  recognizes: async (directory) => (await modelJsonKind(directory)) === 'layers',
  open: (version) => TfjsLayersSource.open(version),
};
