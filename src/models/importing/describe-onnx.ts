import { FoveaError } from '../../platform/errors.js';
import type { NodeProto, ValueInfoProto } from '../formats/onnx/generated/onnx-pb.js';
import type { OnnxModel } from '../formats/onnx/read-onnx.js';
import { stateEnd } from './describe-plan.js';
import type { Facts } from './facts.js';

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
export function stateOnnx(facts: Facts, { graph }: OnnxModel): void {
  const weights = new Set(graph.initializer.map(({ name }) => name));
  const input = pick(
    graph.input.filter(({ name }) => !weights.has(name)),
    facts.get('input_name'),
    'input',
    '--input',
  );
  const output = pick(graph.output, facts.get('output_name'), 'output', '--output');
  if (graph.input.length - weights.size > 1) facts.state('input_name', input.name, 'the graph');
  stateInput(facts, dimsOf(input), input.name);
  const classes = dimsOf(output)
    .slice(1)
    .findLast((size) => size !== 1);
  if (classes !== undefined && classes > 0) facts.state('outputs', classes, 'the graph');
  const end = lastOf(graph.node, output.name);
  if (end === 'Softmax') stateEnd(facts, 'probabilities');
  if (end === 'Sigmoid') stateEnd(facts, 'scores');
}

/** The node by which a graph scales its images itself; null where it takes them scaled. */
export function scalingInsideOnnx({ graph }: OnnxModel): string | null {
  const weights = new Set(graph.initializer.map(({ name }) => name));
  let value = graph.input.find(({ name }) => !weights.has(name))?.name;
  for (let steps = 0; steps < graph.node.length; steps++) {
    const node: NodeProto | undefined = graph.node.find(
      ({ input }) => value !== undefined && input.includes(value),
    );
    if (node === undefined) return null;
    if (ARITHMETIC.has(node.opType)) return node.name || node.opType;
    if (!PASSING.has(node.opType)) return null;
    value = node.output[0];
  }
  return null;
}

function stateInput(facts: Facts, dims: readonly number[], name: string): void {
  const [, a = 0, b = 0, c = 0] = dims;
  if (dims.length !== 4)
    throw new FoveaError(
      'model_invalid',
      `The input ${name} has ${dims.length} dimensions: images have 4, rows first.`,
    );
  const [isFirst, isLast] = [a, c].map((size) => size === 1 || size === 3);
  if (isFirst !== isLast) facts.state('layout', isFirst ? 'nchw' : 'nhwc', 'the graph');
  const layout = facts.get('layout');
  if (layout === undefined) return;
  const [channels, height, width] = layout === 'nchw' ? [a, b, c] : [c, a, b];
  if (channels === 1 || channels === 3) facts.state('channels', channels, 'the graph');
  if (height > 0 && width > 0) facts.state('size', { height, width }, 'the graph');
}

/** -1 for a size that is not fixed. */
function dimsOf({ name, type }: ValueInfoProto): number[] {
  if (type?.value.case !== 'tensorType')
    throw new FoveaError('model_invalid', `${name} of the model is no tensor.`);
  const dims = type.value.value.shape?.dim ?? [];
  return dims.map(({ value }) => (value.case === 'dimValue' ? Number(value.value) : -1));
}

function pick(
  infos: readonly ValueInfoProto[],
  name: string | undefined,
  what: string,
  flag: string,
): ValueInfoProto {
  const found = name === undefined ? infos[0] : infos.find((info) => info.name === name);
  const names = infos.map((info) => info.name).join(', ');
  if (found === undefined)
    throw new FoveaError('bad_request', `The model has no ${what} ${name ?? ''}; it has ${names || 'none'}.`);
  if (name === undefined && infos.length > 1)
    throw new FoveaError('bad_request', `The model has several ${what}s (${names}): choose one by ${flag}.`);
  return found;
}

/** The operator that makes a value, behind those that change no number. */
function lastOf(nodes: readonly NodeProto[], output: string): string | undefined {
  let name = output;
  for (let steps = 0; steps < nodes.length; steps++) {
    const node = nodes.find((candidate) => candidate.output.includes(name));
    if (node === undefined || !PASSING.has(node.opType)) return node?.opType;
    name = node.input[0] ?? '';
  }
  return undefined;
}
