import { create } from '@bufbuild/protobuf';
import { neededSteps } from '../../plan/needed-steps.js';
import { INPUT_VALUE, type Step, type TrainingPlan, type ValueId } from '../../plan/plan.js';
import type { StepDraft } from '../../plan/step-draft.js';
import type { Manifest } from '../../repository/manifest.js';
import type { Compiled } from '../format.js';
import { type NodeProto, NodeProtoSchema, type ValueInfoProto } from './generated/onnx-pb.js';
import {
  type Computed,
  type NodeCall,
  type OnnxValue,
  type Operator,
  UnsupportedNode,
} from './graph-builder.js';
import { withKnownPatterns } from './known-patterns.js';
import { activationOperators } from './operators/activation.js';
import { arithmeticOperators } from './operators/arithmetic.js';
import { constantOperators } from './operators/constants.js';
import { convolutionOperators } from './operators/convolution.js';
import { joiningOperators } from './operators/joining.js';
import { linearOperators } from './operators/linear.js';
import { paddingOperators } from './operators/padding.js';
import { partOperators } from './operators/parts.js';
import { poolingOperators } from './operators/pooling.js';
import { shapeOperators } from './operators/shape.js';
import type { OnnxModel } from './read-onnx.js';
import { type ExternalData, readTensor } from './tensors.js';
import { arranged, computedAt, dimsOf } from './views.js';

const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  [
    convolutionOperators,
    activationOperators,
    poolingOperators,
    linearOperators,
    arithmeticOperators,
    shapeOperators,
    paddingOperators,
    partOperators,
    joiningOperators,
  ].flatMap((operators) => Object.entries(operators)),
);

const CONSTANT_OPERATORS: ReadonlyMap<string, Operator> = new Map(Object.entries(constantOperators));

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
  const places = input.layout === 'nchw' ? [2, 3, 1] : [1, 2, 3];
  values.set(images, computedAt(INPUT_VALUE, inputShape, 4, places));
  const steps: Step[] = [];
  const outputName = output.name ?? graph.output[0]?.name ?? '';
  for (const node of withKnownPatterns({
    nodes: graph.node,
    outputs: [outputName],
    scalars: scalarsOf(values),
  })) {
    const made = run(node, values, steps, settings);
    node.output.forEach((name, index) => {
      const value = Array.isArray(made) ? made[index] : index === 0 ? made : undefined;
      if (value !== undefined) values.set(name, value);
    });
  }
  const { id, shape } = ending(values.get(outputName), steps);
  return { inputShape, steps: neededSteps(steps, id), output: id, classes: shape[0] ?? 0 };
}

function scalarsOf(values: ReadonlyMap<string, OnnxValue>): Map<string, number> {
  const scalars = new Map<string, number>();
  for (const [name, value] of values)
    if (value.kind === 'constant' && value.values.length === 1) scalars.set(name, value.values[0] ?? 0);
  return scalars;
}

/** 1 where the input takes any number of them. */
function rowsOf(input: ValueInfoProto | undefined): number {
  const type = input?.type?.value;
  const rows = type?.case === 'tensorType' ? type.value.shape?.dim[0]?.value : undefined;
  return rows?.case === 'dimValue' ? Math.max(1, Number(rows.value)) : 1;
}

function run(
  node: NodeProto,
  values: ReadonlyMap<string, OnnxValue>,
  steps: Step[],
  settings: Pick<NodeCall, 'opset' | 'rows'>,
): OnnxValue | readonly OnnxValue[] {
  const isStandard = node.domain === '' || node.domain === 'ai.onnx';
  const inputs = node.input.map((name) => {
    const value = name === '' ? undefined : values.get(name);
    if (name !== '' && value === undefined)
      throw new UnsupportedNode(node, `reads ${name}, which has no plain numbers`);
    return value;
  });
  const isConstant =
    inputs.length > 0 && inputs.every((value) => value === undefined || value.kind === 'constant');
  const operators = isConstant ? CONSTANT_OPERATORS : OPERATORS;
  const operator = isStandard ? (operators.get(node.opType) ?? OPERATORS.get(node.opType)) : undefined;
  if (operator === undefined) throw new UnsupportedNode(node, `is a ${node.opType}`);
  return operator({ node, inputs, add: adder(node, steps), ...settings } satisfies NodeCall);
}

function adder(node: NodeProto, steps: Step[]): NodeCall['add'] {
  const layer = node.name || (node.output[0] ?? node.opType);
  return (draft: StepDraft<Step>, read: readonly ValueId[]) => {
    const id = steps.length + 1;
    steps.push({ ...draft, layer, inputs: read, output: id });
    return id;
  };
}

/** The output as a vector of classes. */
function ending(value: OnnxValue | undefined, steps: Step[]): Computed {
  if (value?.kind !== 'computed') throw new UnsupportedNode('model', 'computes no output from its images');
  const dims = dimsOf(value);
  const classes = dims.findIndex((length) => length !== 1);
  if (dims.filter((length) => length !== 1).length > 1)
    throw new UnsupportedNode('model', 'does not output one number per class');
  const node = create(NodeProtoSchema, { name: 'output' });
  const call = { node, inputs: [], add: adder(node, steps), opset: 0, rows: 1 };
  return arranged(call, value, [Math.max(0, classes)]);
}
