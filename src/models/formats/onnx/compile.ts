import { neededSteps } from '../../plan/needed-steps.js';
import { INPUT_VALUE, type Shape, type Step, type TrainingPlan, type ValueId } from '../../plan/plan.js';
import type { StepDraft } from '../../plan/step-draft.js';
import type { Manifest } from '../../repository/manifest.js';
import type { Compiled } from '../format.js';
import type { NodeProto, ValueInfoProto } from './generated/onnx-pb.js';
import {
  type Computed,
  type NodeCall,
  type OnnxValue,
  type Operator,
  UnsupportedNode,
} from './graph-builder.js';
import { activationOperators } from './operators/activation.js';
import { arithmeticOperators } from './operators/arithmetic.js';
import { convolutionOperators } from './operators/convolution.js';
import { linearOperators } from './operators/linear.js';
import { poolingOperators } from './operators/pooling.js';
import { shapeOperators } from './operators/shape.js';
import type { OnnxModel } from './read-onnx.js';
import { type ExternalData, readTensor } from './tensors.js';

const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  [
    convolutionOperators,
    activationOperators,
    poolingOperators,
    linearOperators,
    arithmeticOperators,
    shapeOperators,
  ].flatMap((operators) => Object.entries(operators)),
);

/** Turns an ONNX graph into a plan.
 * @param manifest says how large images are, and how the file lays them
 * @throws FoveaError `model_invalid` for weights that are not there */
export function compileOnnx(model: OnnxModel, manifest: Manifest, external: ExternalData): Compiled {
  try {
    return { plan: planOf(model, manifest, external) };
  } catch (error) {
    if (!(error instanceof UnsupportedNode)) throw error;
    return { unsupported: { layer: error.node, reason: error.message } };
  }
}

function planOf(model: OnnxModel, { input, output }: Manifest, external: ExternalData): TrainingPlan {
  const { graph } = model;
  const opset = Number(
    model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 1n,
  );
  const values = new Map<string, OnnxValue>();
  for (const tensor of graph.initializer) {
    const constant = readTensor(tensor, external);
    if (constant !== undefined) values.set(tensor.name, constant);
  }
  const inputShape = [input.height, input.width, input.channels];
  const images = input.name ?? graph.input.find(({ name }) => !values.has(name))?.name ?? '';
  const settings = { opset, rows: rowsOf(graph.input.find(({ name }) => name === images)) };
  values.set(images, { kind: 'computed', id: INPUT_VALUE, shape: inputShape, order: input.layout });
  const steps: Step[] = [];
  for (const node of graph.node) {
    const name = node.output[0] ?? '';
    values.set(name, call(node, values, steps, settings));
  }
  const { id, classes } = ending(values.get(output.name ?? graph.output[0]?.name ?? ''), steps);
  return { inputShape, steps: neededSteps(steps, id), output: id, classes };
}

/** Undefined where the input takes any number of them. */
function rowsOf(input: ValueInfoProto | undefined): number | undefined {
  const type = input?.type?.value;
  const rows = type?.case === 'tensorType' ? type.value.shape?.dim[0]?.value : undefined;
  return rows?.case === 'dimValue' ? Number(rows.value) : undefined;
}

function call(
  node: NodeProto,
  values: ReadonlyMap<string, OnnxValue>,
  steps: Step[],
  settings: Pick<NodeCall, 'opset' | 'rows'>,
): OnnxValue {
  const operator = node.domain === '' || node.domain === 'ai.onnx' ? OPERATORS.get(node.opType) : undefined;
  if (operator === undefined) throw new UnsupportedNode(node, `is a ${node.opType}`);
  const inputs = node.input.map((name) => {
    const value = name === '' ? undefined : values.get(name);
    if (name !== '' && value === undefined)
      throw new UnsupportedNode(node, `reads ${name}, which has no plain numbers`);
    return value;
  });
  const layer = node.name || (node.output[0] ?? node.opType);
  const add = (draft: StepDraft<Step>, read: readonly ValueId[]): ValueId => {
    const id = steps.length + 1;
    steps.push({ ...draft, layer, inputs: read, output: id });
    return id;
  };
  return operator({ node, inputs, add, ...settings } satisfies NodeCall);
}

/** The output as a vector of classes. */
function ending(value: OnnxValue | undefined, steps: Step[]): { id: ValueId; classes: number } {
  if (value?.kind !== 'computed') throw new UnsupportedNode('model', 'computes no output from its images');
  const [classes = 0] = vectorOf(value);
  if (value.shape.length === 1) return { id: value.id, classes };
  const id = steps.length + 1;
  steps.push({ op: 'reshape', layer: 'output', inputs: [value.id], output: id, shape: [classes] });
  return { id, classes };
}

function vectorOf({ shape, flattenedFrom }: Computed): Shape {
  const outer = shape.slice(0, -1).reduce((product, length) => product * length, 1);
  if (outer !== 1 || flattenedFrom !== undefined)
    throw new UnsupportedNode('model', 'does not output one number per class');
  return shape.slice(-1);
}
