import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FoveaError } from '../../../platform/errors.js';
import { sizeOf } from '../../plan/plan.js';
import type { ModelVersion } from '../../repository/model-version.js';
import type { Compiled, LayerSummary, ModelSource } from '../format.js';
import { weightedNodes } from '../weighted-nodes.js';
import { compileOnnx } from './compile.js';
import { ONNX_FILE } from './onnx-file.js';
import { externalFiles, type OnnxModel, readOnnx } from './read-onnx.js';

/** A version that holds an ONNX file, and files of external data beside it. */
export class OnnxSource implements ModelSource {
  readonly format = 'onnx';
  readonly file = ONNX_FILE;
  readonly version: ModelVersion;
  readonly layers: readonly LayerSummary[];
  #compiled: Promise<Compiled> | undefined;

  private constructor(version: ModelVersion, model: OnnxModel) {
    this.version = version;
    this.layers = layersOf(model);
  }

  /** @throws FoveaError `model_invalid` */
  static async open(version: ModelVersion): Promise<OnnxSource> {
    return new OnnxSource(version, await read(version));
  }

  plan(): Promise<Compiled> {
    this.#compiled ??= this.#compile();
    return this.#compiled;
  }

  forget(): void {
    this.#compiled = undefined;
  }

  /** Reads the file again: the weights of a model that no engine of ours runs should not stay in memory. */
  async #compile(): Promise<Compiled> {
    const model = await read(this.version);
    const files = new Map<string, Uint8Array>();
    for (const name of externalFiles(model)) files.set(name, await readFileOf(this.version, name));
    return compileOnnx(model, this.version.manifest, files);
  }
}

function layersOf({ graph }: OnnxModel): LayerSummary[] {
  const nodes = graph.node.map(({ name, opType, input, output }) => ({
    name: name || (output[0] ?? ''),
    kind: opType,
    reads: input,
  }));
  return weightedNodes(
    nodes,
    new Map(graph.initializer.map(({ name, dims }) => [name, sizeOf(dims.map(Number))])),
  );
}

async function read(version: ModelVersion): Promise<OnnxModel> {
  const model = readOnnx(await readFileOf(version, ONNX_FILE));
  // ONNX Runtime would read any file of that name; only those of the manifest are verified.
  for (const file of externalFiles(model))
    if (!(file in version.manifest.files))
      throw new FoveaError('model_invalid', `The model's weights ${file} are not among the version's files.`);
  return model;
}

async function readFileOf({ directory }: ModelVersion, name: string): Promise<Uint8Array> {
  return readFile(join(directory, name)).catch((cause: unknown) => {
    throw new FoveaError('model_invalid', `The version's file ${name} cannot be read.`, { cause });
  });
}
