import { FoveaError } from '../../platform/errors.js';
import type { GraphProto } from '../formats/onnx/generated/onnx-pb.js';
import type { SavedModelInfo } from '../formats/saved-model/read-saved-model.js';
import { readTopology, type Topology } from '../formats/tfjs-layers/topology.js';
import type { ImportLimits } from './import-limits.js';

/** How large the structure of a model is, without its weights. */
interface GraphSize {
  readonly nodes: number;
  readonly tensors: number;
}

/** @throws FoveaError `too_large` */
export function requireGraphSize({ nodes, tensors }: GraphSize, limits: ImportLimits): void {
  if (nodes > limits.maxNodes) throw tooMany('nodes', limits.maxNodes, 'FOVEA_IMPORT_MAX_NODES');
  if (tensors > limits.maxTensors) throw tooMany('tensors', limits.maxTensors, 'FOVEA_IMPORT_MAX_TENSORS');
}

/** @throws FoveaError `too_large` */
export function requireOnnxSize(graph: GraphProto, limits: ImportLimits): void {
  requireGraphSize(onnxSize(graph, limits, 0), limits);
}

function onnxSize({ node, initializer }: GraphProto, limits: ImportLimits, depth: number): GraphSize {
  if (depth > limits.maxDepth) throw tooDeep(limits);
  let [nodes, tensors] = [node.length, initializer.length];
  for (const { attribute } of node)
    for (const { g, graphs } of attribute)
      for (const inner of g === undefined ? graphs : [g, ...graphs]) {
        const size = onnxSize(inner, limits, depth + 1);
        nodes += size.nodes;
        tensors += size.tensors;
      }
  return { nodes, tensors };
}

/** @throws FoveaError `too_large` */
export function requireSavedModelSize({ graph: { graphDef } }: SavedModelInfo, limits: ImportLimits): void {
  const functions = graphDef?.library?.function ?? [];
  const nodes = functions.reduce((sum, { nodeDef }) => sum + nodeDef.length, graphDef?.node.length ?? 0);
  requireGraphSize({ nodes, tensors: 0 }, limits);
}

/** @throws FoveaError `too_large` */
export function requireLayersSize(topology: Pick<Topology, 'config'>, limits: ImportLimits): void {
  requireGraphSize({ nodes: layersIn(topology, limits, 0), tensors: 0 }, limits);
}

function layersIn({ config }: Pick<Topology, 'config'>, limits: ImportLimits, depth: number): number {
  if (depth > limits.maxDepth) throw tooDeep(limits);
  return config.layers.reduce((sum, layer) => {
    const nested = readTopology(layer);
    return sum + (nested === undefined ? 1 : layersIn(nested, limits, depth + 1));
  }, 0);
}

function tooMany(what: string, limit: number, setting: string): FoveaError {
  return new FoveaError('too_large', `The model has more than ${limit} ${what} (${setting}).`, {
    details: { limit },
  });
}

function tooDeep({ maxDepth }: ImportLimits): FoveaError {
  const message = `The model nests more than ${maxDepth} graphs or models in each other (FOVEA_IMPORT_MAX_DEPTH).`;
  return new FoveaError('too_large', message, { details: { limit: maxDepth } });
}
