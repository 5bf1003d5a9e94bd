import { neededSteps } from '../../plan/needed-steps.js';
import { INPUT_VALUE, type Step, sizeOf, type TrainingPlan, type Weights } from '../../plan/plan.js';
import type { StepDraft } from '../../plan/step-draft.js';
import type { Compiled } from '../format.js';
import { storedNumbers } from '../tfjs-files/stored-numbers.js';
import type { TfjsModel } from '../tfjs-files/tfjs-model.js';
import type { WeightSpec } from '../tfjs-files/weight-spec.js';
import { type Graph, type GraphNode, nodeOf, type Port } from './graph.js';
import { type Computed, type GraphValue, type Operator, UnsupportedNode } from './operator.js';
import { activationOperators } from './operators/activation.js';
import { arithmeticOperators } from './operators/arithmetic.js';
import { convolutionOperators } from './operators/convolution.js';
import { linearOperators } from './operators/linear.js';
import { poolingOperators } from './operators/pooling.js';
import { shapeOperators } from './operators/shape.js';

const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  [
    convolutionOperators,
    linearOperators,
    activationOperators,
    poolingOperators,
    arithmeticOperators,
    shapeOperators,
  ].flatMap((operators) => Object.entries(operators)),
);

/** What the graph is compiled for. */
export interface GraphEnds {
  readonly input: Port;
  readonly output: Port;
  /** `[height, width, channels]` */
  readonly inputShape: readonly number[];
}

/** Turns a graph into a plan, from its output backwards: nodes that the output does not need are never read.
 * @throws FoveaError `model_invalid` when the files hold fewer numbers than the shapes need */
export function compileGraph(graph: Graph, model: TfjsModel, ends: GraphEnds): Compiled {
  try {
    return { plan: planOf(graph, storedNumbers(model, refuse), ends) };
  } catch (error) {
    if (!(error instanceof UnsupportedNode)) throw error;
    return { unsupported: { layer: error.node, reason: error.message } };
  }
}

function refuse({ name, dtype }: WeightSpec): never {
  throw new UnsupportedNode(name, `has numbers of the type ${dtype}`);
}

function planOf(graph: Graph, weights: ReadonlyMap<string, Weights>, ends: GraphEnds): TrainingPlan {
  const steps: Step[] = [];
  const values = new Map<string, GraphValue>([
    [ends.input.node, { kind: 'computed', id: INPUT_VALUE, shape: ends.inputShape }],
  ]);
  for (const node of inOrder(graph, ends)) values.set(node.name, computeNode(node, values, weights, steps));
  const output = values.get(ends.output.node);
  if (output?.kind !== 'computed')
    throw new UnsupportedNode(ends.output.name, 'is not computed from the images');
  return { inputShape: ends.inputShape, ...vector(output, steps) };
}

/** The nodes that the output needs, each after those that it reads; without the input. A loop, because a recursion would
 * overflow the stack on deep graphs. */
function inOrder({ nodes }: Graph, { input, output }: GraphEnds): readonly GraphNode[] {
  const done = new Set([input.node]);
  const open = new Set<string>();
  const ordered: GraphNode[] = [];
  const stack = [output.node];
  for (let name = stack.at(-1); name !== undefined; name = stack.at(-1)) {
    const node = nodes.get(name);
    if (node === undefined) throw new UnsupportedNode(name, 'is missing');
    const waiting = done.has(name) ? [] : readBy(node).filter((read) => !done.has(read));
    if (waiting.length > 0) {
      if (open.has(name)) throw new UnsupportedNode(name, 'reads itself');
      open.add(name);
      stack.push(...waiting);
      continue;
    }
    stack.pop();
    if (done.has(name)) continue;
    done.add(name);
    ordered.push(node);
  }
  return ordered;
}

function readBy({ input }: GraphNode): readonly string[] {
  return input.filter((name) => !name.startsWith('^')).map(nodeOf);
}

function computeNode(
  node: GraphNode,
  values: ReadonlyMap<string, GraphValue>,
  weights: ReadonlyMap<string, Weights>,
  steps: Step[],
): GraphValue {
  if (node.op === 'Const') {
    const found = weights.get(node.name);
    if (found === undefined) throw new UnsupportedNode(node.name, 'has no numbers');
    return { kind: 'constant', dims: found.shape, values: found.values };
  }
  const operator = OPERATORS.get(node.op);
  if (operator === undefined) throw new UnsupportedNode(node.name, `is a ${node.op}`);
  const inputs = readBy(node).map((name) => {
    const value = values.get(name);
    if (value === undefined) throw new UnsupportedNode(node.name, `reads ${name}, which is no first output`);
    return value;
  });
  const add = (draft: StepDraft<Step>, read: readonly Computed[]): Computed => {
    const id = steps.length + 1;
    steps.push({ ...draft, layer: node.name, inputs: read.map((value) => value.id), output: id });
    return { kind: 'computed', id, shape: draft.shape };
  };
  return operator({ node, inputs, add });
}

/** The output as one number a class. */
function vector({ id, shape }: Computed, steps: Step[]): Pick<TrainingPlan, 'steps' | 'output' | 'classes'> {
  const classes = shape.at(-1) ?? 0;
  if (classes === 0 || sizeOf(shape) !== classes)
    throw new UnsupportedNode('The output', 'does not have one number a class');
  if (shape.length === 1) return { steps: neededSteps(steps, id), output: id, classes };
  const output = steps.length + 1;
  const reshaped: Step[] = [
    ...steps,
    { op: 'reshape', layer: 'output', inputs: [id], output, shape: [classes] },
  ];
  return { steps: neededSteps(reshaped, output), output, classes };
}
