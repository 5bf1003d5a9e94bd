import type { Shape, Step, ValueId } from '../../plan/plan.js';
import type { StepDraft } from '../../plan/step-draft.js';
import { text } from './attributes.js';
import type { GraphNode } from './graph.js';

/** A value that depends on the images. */
export interface Computed {
  readonly kind: 'computed';
  readonly id: ValueId;
  /** Without the rows. */
  readonly shape: Shape;
  /** The value that this one is the sigmoid of: `x · sigmoid(x)` is one step. */
  readonly sigmoidOf?: ValueId | undefined;
}

/** A tensor whose numbers the files state. */
export interface Constant {
  readonly kind: 'constant';
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

export type GraphValue = Computed | Constant;

/** Stands for the number of rows in a shape that the graph computes. */
export const ROWS = -2;

/** A plan cannot express the node. `compile.ts` catches it and returns it as a result. */
export class UnsupportedNode extends Error {
  readonly node: string;

  /** @param reason a predicate whose subject is the node, such as `is a Cumsum` */
  constructor(node: string, reason: string) {
    super(reason);
    this.name = 'UnsupportedNode';
    this.node = node;
  }
}

/** One node and the values that it reads. */
export interface NodeCall {
  readonly node: GraphNode;
  readonly inputs: readonly GraphValue[];
  /** Adds a step to the plan.
   * @returns the value that it computes */
  readonly add: (draft: StepDraft<Step>, inputs: readonly Computed[]) => Computed;
}

/** Turns a node into steps, or into a constant.
 * @throws UnsupportedNode */
export type Operator = (call: NodeCall) => GraphValue;

export function fail({ node }: Pick<NodeCall, 'node'>, reason: string): never {
  throw new UnsupportedNode(node.name, `is a ${node.op} that ${reason}`);
}

export function computed(call: NodeCall, index = 0): Computed {
  const value = call.inputs[index];
  return value?.kind === 'computed'
    ? value
    : fail(call, `does not compute its input ${index} from the images`);
}

export function constant(call: NodeCall, index: number): Constant {
  const value = call.inputs[index];
  return value?.kind === 'constant' ? value : fail(call, `computes its input ${index} from the images`);
}

/** Height, width and channels of an image. */
export function imageOf(call: NodeCall, { shape }: Computed): readonly [number, number, number] {
  const [height, width, channels] = shape;
  if (shape.length !== 3 || height === undefined || width === undefined || channels === undefined)
    return fail(call, 'reads no image');
  return text(call.node, 'data_format', 'NHWC') === 'NHWC'
    ? [height, width, channels]
    : fail(call, 'reads channels first');
}

/** One number a channel: a tensor of which at most the last dimension is longer than 1; else undefined. */
export function perChannel({ dims, values }: Constant, channels: number): Float32Array | undefined {
  if (values.length === 1) return new Float32Array(channels).fill(values[0] ?? 0);
  return values.length === channels && dims.at(-1) === channels ? values : undefined;
}
