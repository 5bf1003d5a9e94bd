import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ONNX_FILE } from '../formats/onnx/onnx-file.js';
import { readOnnx } from '../formats/onnx/read-onnx.js';
import { openModel } from '../formats/open-model.js';
import { readSavedModel } from '../formats/saved-model/read-saved-model.js';
import { SAVED_MODEL_FILE } from '../formats/saved-model/saved-model-files.js';
import { isGraphModel } from '../formats/tfjs-files/model-json-kind.js';
import { type ReadFile, readModelJson, readWeights } from '../formats/tfjs-files/tfjs-model.js';
import { readGraph } from '../formats/tfjs-graph/graph.js';
import { readTopology } from '../formats/tfjs-layers/topology.js';
import type { ModelVersion } from '../repository/model-version.js';
import { openVersion } from '../repository/open-version.js';
import { type ManifestDraft, writeVersion } from '../repository/write-version.js';
import { stateGraph } from './describe-graph.js';
import { stateLayers } from './describe-layers.js';
import { scalingInsideOnnx, stateOnnx } from './describe-onnx.js';
import { stateSavedModel } from './describe-saved-model.js';
import { draftManifest } from './draft-manifest.js';
import type { Facts } from './facts.js';
import { requireGraphSize, requireLayersSize, requireOnnxSize, requireSavedModelSize } from './graph-size.js';
import type { ImportLimits } from './import-limits.js';
import type { InnerScaling } from './inner-scaling.js';
import { readModelFiles } from './model-files.js';
import { jsonOf, type Recognized, recognize } from './recognize.js';
import { stateJson, stateLabels } from './side-files.js';

/** A model that was read and described, and is written nowhere yet. */
export interface ReadModel {
  readonly kind: string;
  /** The format's name. */
  readonly format: string;
  /** What is known, and what states it. */
  readonly facts: ReturnType<Facts['rows']>;
  readonly draft: ManifestDraft;
  readonly versionFiles: Readonly<Record<string, Uint8Array>>;
  /** Why no plan expresses it, so that the fastest engines cannot run it; null when one does. */
  readonly planProblem: string | null;
}

/**
 * Reads a model and all that lies beside it.
 * @param facts what a person states; what files and the network state is added
 * @throws FoveaError `not_found`, `too_large`, `model_invalid`; `facts_missing` for facts that nobody states; `bad_request` for
 *   facts that contradict each other
 */
export async function readModel(path: string, facts: Facts, limits: ImportLimits): Promise<ReadModel> {
  const found = await readModelFiles(path, limits);
  const model = await recognize(found, limits);
  facts.state('name', nameOf(found.name), 'the file’s name');
  const { inner, versionFiles } = await stateNetwork(facts, model, limits);
  for (const [file, bytes] of found.files) if (!model.used.has(file)) stateSideFile(facts, file, bytes);
  const source = found.name;
  const draft = draftManifest(facts, { source, sha256: digestOf(model), kind: model.kind }, inner);
  const opened = await inTemporaryVersion({ draft, versionFiles }, async (version) => {
    const source = await openModel(version);
    const compiled = await source.plan();
    const planProblem =
      'plan' in compiled ? null : `${compiled.unsupported.layer} ${compiled.unsupported.reason}`;
    return { format: source.format, planProblem };
  });
  return { kind: model.kind, draft, versionFiles, facts: facts.rows(), ...opened };
}

/** Lets `use` work on the model as a version of a repository that vanishes afterwards. */
export async function inTemporaryVersion<T>(
  { draft, versionFiles }: Pick<ReadModel, 'draft' | 'versionFiles'>,
  use: (version: ModelVersion) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-import-'));
  try {
    const { version, directory } = await writeVersion(folder, draft, versionFiles);
    return await use(await openVersion({ directory, model: draft.model, version }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface StatedNetwork {
  readonly inner: InnerScaling | null;
  /** Of the version: as they were, or with the size that a flag states. */
  readonly versionFiles: Recognized['versionFiles'];
}

async function stateNetwork(
  facts: Facts,
  { versionFiles }: Recognized,
  limits: ImportLimits,
): Promise<StatedNetwork> {
  const { [ONNX_FILE]: onnx } = versionFiles;
  if (onnx !== undefined) {
    const graph = readOnnx(onnx);
    requireOnnxSize(graph.graph, limits);
    stateOnnx(facts, graph);
    return { inner: scalingInsideOnnx(graph), versionFiles };
  }
  const { [SAVED_MODEL_FILE]: savedModel } = versionFiles;
  if (savedModel !== undefined) {
    const info = readSavedModel(savedModel);
    requireSavedModelSize(info, limits);
    stateSavedModel(facts, info);
    return { inner: null, versionFiles };
  }
  const read: ReadFile = async (name) => {
    const bytes = versionFiles[name];
    if (bytes === undefined) throw new Error(`There is no ${name}.`);
    return bytes;
  };
  const json = await readModelJson(read);
  const model = await readWeights(json, read);
  if (isGraphModel(json)) {
    const graph = readGraph(json);
    requireGraphSize({ nodes: graph.nodes.size, tensors: model.weightSpecs.length }, limits);
    return { inner: stateGraph(facts, graph, model), versionFiles };
  }
  const topology = readTopology(model.topology);
  if (topology !== undefined) requireLayersSize(topology, limits);
  const { inner, sized } = stateLayers(facts, model);
  if (sized === null) return { inner, versionFiles };
  const resized = Buffer.from(JSON.stringify({ ...json, modelTopology: sized }));
  return { inner, versionFiles: { ...versionFiles, 'model.json': resized } };
}

function stateSideFile(facts: Facts, file: string, bytes: Uint8Array): void {
  if (file.endsWith('.json')) stateJson(facts, file, jsonOf(bytes));
  else if (/(^|[/_.-])(labels|classes|synset)[^/]*\.txt$/i.test(file))
    stateLabels(facts, file, new TextDecoder().decode(bytes));
}

function digestOf({ versionFiles }: Recognized): string {
  const hash = createHash('sha256');
  for (const [name, bytes] of Object.entries(versionFiles).sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(name).update(bytes);
  return hash.digest('hex');
}

/** `My Model.keras` → `my-model` */
function nameOf(file: string): string | undefined {
  const name = file
    .replace(/\.(keras|h5|hdf5|onnx|zip|tar|tgz|tar\.gz|tar\.xz|json)$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64);
  return name === '' ? undefined : name;
}
