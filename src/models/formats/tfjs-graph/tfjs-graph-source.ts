import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sizeOf } from '../../plan/plan.js';
import type { ModelVersion } from '../../repository/model-version.js';
import type { Compiled, LayerSummary, ModelSource } from '../format.js';
import {
  type ModelJson,
  type ReadFile,
  readModelJson,
  readWeights,
  type TfjsModel,
} from '../tfjs-files/tfjs-model.js';
import { weightedNodes } from '../weighted-nodes.js';
import { compileGraph, type GraphEnds } from './compile.js';
import { type Graph, nodeOf, readGraph } from './graph.js';
import { choosePort } from './ports.js';

/** A version that holds a tfjs GraphModel: `model.json` and the weight files that it names. */
export class TfjsGraphSource implements ModelSource {
  readonly format = 'tfjs-graph';
  readonly version: ModelVersion;
  readonly layers: readonly LayerSummary[];
  /** What the version's manifest chooses. */
  readonly ends: GraphEnds;
  /** model.json, whole: tfjs reads the signature out of it. */
  readonly json: ModelJson;
  readonly #graph: Graph;
  readonly #read: ReadFile;
  #model: Promise<TfjsModel> | undefined;
  #compiled: Promise<Compiled> | undefined;

  private constructor(version: ModelVersion, json: ModelJson, read: ReadFile) {
    const { input, output } = version.manifest;
    this.version = version;
    this.json = json;
    this.#graph = readGraph(json);
    this.layers = layersOf(this.#graph, json);
    this.ends = {
      input: choosePort(this.#graph.inputs, input.name, 'input'),
      output: choosePort(this.#graph.outputs, output.name, 'output'),
      inputShape: [input.height, input.width, input.channels],
    };
    this.#read = read;
  }

  /** @throws FoveaError `model_invalid` */
  static async open(version: ModelVersion): Promise<TfjsGraphSource> {
    const read = async (name: string) => await readFile(join(version.directory, name));
    return new TfjsGraphSource(version, await readModelJson(read), read);
  }

  /** Graph and weights, as tfjs loads them. Later calls return the result of the first call.
   * @throws FoveaError `model_invalid` */
  model(): Promise<TfjsModel> {
    this.#model ??= readWeights(this.json, this.#read);
    return this.#model;
  }

  plan(): Promise<Compiled> {
    this.#compiled ??= this.model().then((model) => compileGraph(this.#graph, model, this.ends));
    return this.#compiled;
  }

  forget(): void {
    this.#compiled = undefined;
    this.#model = undefined;
  }
}

function layersOf({ nodes }: Graph, { weightsManifest }: ModelJson): LayerSummary[] {
  const weights = weightsManifest.flatMap((group) => group.weights);
  return weightedNodes(
    [...nodes.values()].map(({ name, op, input }) => ({ name, kind: op, reads: input.map(nodeOf) })),
    new Map(weights.map(({ name, shape }) => [name, sizeOf(shape)])),
  );
}
