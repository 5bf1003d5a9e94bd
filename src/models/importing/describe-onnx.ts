import { FoveaError } from '../../platform/errors.js';
import { type ExportedFacts, exportedFacts } from '../formats/onnx/fovea-metadata.js';
import type { NodeProto, ValueInfoProto } from '../formats/onnx/generated/onnx-pb.js';
import { externalFile, type OnnxModel } from '../formats/onnx/read-onnx.js';
import { readTensor } from '../formats/onnx/tensors.js';
import { stateEnd } from './describe-plan.js';
import type { Facts } from './facts.js';
import { type InnerScaling, innerScaling } from './inner-scaling.js';
import { pickPort, stateInput } from './ports.js';

/** Operators that change no number. */
const PASSING: ReadonlySet<string> = new Set([
  'Identity',
  'Cast',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
  'Dropout',
]);
const ARITHMETIC: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div']);

/** States what an ONNX graph says about its input and output.
 * @throws FoveaError `model_invalid` when it takes no images */
export function stateOnnx(facts: Facts, model: OnnxModel): void {
  const { graph } = model;
  stateExported(facts, exportedFacts(model));
  const weights = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.filter(({ name }) => !weights.has(name));
  const input = pickPort(facts, inputs, 'input');
  const output = pickPort(facts, graph.output, 'output');
  if (inputs.length > 1) facts.state('input_name', input.name, 'the graph');
  stateInput(facts, input.name, dimsOf(input));
  const classes = dimsOf(output)
    .slice(1)
    .findLast((size) => size !== 1);
  if (classes !== undefined && classes > 0) facts.state('outputs', classes, 'the graph');
  const end = lastOf(graph.node, output.name);
  if (end === 'Softmax') stateEnd(facts, 'probabilities');
  if (end === 'Sigmoid') stateEnd(facts, 'scores');
}

/** Of files that `fovea export` wrote. */
function stateExported(facts: Facts, stated: ExportedFacts | undefined): void {
  if (stated === undefined) return;
  const from = 'the file’s metadata';
  const { input, output } = stated;
  facts.state('labels', stated.labels, from);
  facts.state('label_ids', stated.label_ids, from);
  facts.state('license', stated.license, from);
  facts.state('color_order', input.color_order, from);
  facts.state('scaling', { scale: input.scale, offset: input.offset }, from);
  facts.state('resize', input.resize, from);
  facts.state('crop', input.crop, from);
  facts.state('activation', output.activation, from);
  facts.state('task', output.task, from);
  facts.state('thresholds', output.thresholds, from);
}

/** A graph's own scaling; null where it takes its images scaled. */
export function scalingInsideOnnx({ graph }: OnnxModel): InnerScaling | null {
  const weights = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  for (const { opType, output, attribute } of graph.node) {
    const tensor = opType === 'Constant' ? attribute.find(({ name }) => name === 'value')?.t : undefined;
    if (tensor !== undefined) weights.set(output[0] ?? '', tensor);
  }
  let value = graph.input.find(({ name }) => !weights.has(name))?.name ?? '';
  const operations: (readonly [number, number])[] = [];
  let layer: string | undefined;
  for (let steps = 0; steps < graph.node.length; steps++) {
    const node: NodeProto | undefined = graph.node.find(({ input }) => input.includes(value));
    if (node === undefined || !(ARITHMETIC.has(node.opType) || PASSING.has(node.opType))) break;
    if (ARITHMETIC.has(node.opType)) {
      const tensor = weights.get(node.input.find((name) => name !== value) ?? '');
      // A tensor in a file of its own is too large to be a scaling.
      const isHere = tensor !== undefined && externalFile(tensor) === null;
      const [number] = (isHere && readTensor(tensor, new Map())?.values) || [];
      if (number === undefined) break;
      layer ??= node.name || node.opType;
      operations.push(affine(node, number, node.input[0] === value));
    }
    value = node.output[0] ?? '';
  }
  return layer === undefined ? null : innerScaling(layer, operations);
}

/** `[scale, shift]` of a node with one constant operand. */
function affine({ opType }: NodeProto, operand: number, isFirst: boolean): readonly [number, number] {
  if (opType === 'Add') return [1, operand];
  if (opType === 'Sub') return isFirst ? [1, -operand] : [-1, operand];
  return [opType === 'Mul' ? operand : 1 / operand, 0];
}

/** -1 for a size that is not fixed. */
function dimsOf({ name, type }: ValueInfoProto): number[] {
  if (type?.value.case !== 'tensorType')
    throw new FoveaError('model_invalid', `${name} of the model is no tensor.`);
  const dims = type.value.value.shape?.dim ?? [];
  return dims.map(({ value }) => (value.case === 'dimValue' ? Number(value.value) : -1));
}

/** The operator that makes a value, without those behind it that change no number. */
function lastOf(nodes: readonly NodeProto[], output: string): string | undefined {
  let name = output;
  for (let steps = 0; steps < nodes.length; steps++) {
    const node = nodes.find((candidate) => candidate.output.includes(name));
    if (node === undefined || !PASSING.has(node.opType)) return node?.opType;
    name = node.input[0] ?? '';
  }
  return undefined;
}
