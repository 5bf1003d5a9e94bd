import { type Padding, type Pair, type Shape, type Step, sizeOf, type ValueId } from '../../plan/plan.js';
import type { StepDraft } from '../../plan/step-draft.js';
import type { NodeProto } from './generated/onnx-pb.js';
import type { Constant } from './tensors.js';

/** What the graph computes from the image. */
export interface Computed {
  readonly kind: 'computed';
  readonly id: ValueId;
  /** In the plan: channels last, without the batch dimension. */
  readonly shape: Shape;
  /** How ONNX lays it: a transposition changes this alone. */
  readonly order: 'nchw' | 'nhwc' | 'vector';
  /** Of a vector that ONNX made of an image in the order channels, height, width: that image's shape. */
  readonly flattenedFrom?: Shape | undefined;
  /** Of what it is the sigmoid: `x · sigmoid(x)` is one step. */
  readonly sigmoidOf?: ValueId | undefined;
}

/** All rows of an image in one dimension, one row after the other. */
interface JoinedRows {
  readonly kind: 'joinedRows';
  readonly image: Computed;
}

/** Numbers that the graph computes of how many rows it reads: `row · step + offset`, row by row. */
export interface RowNumbers {
  readonly kind: 'rowNumbers';
  readonly step: number;
  /** Of each row; without the dimension of rows, which comes first. */
  readonly offsets: Constant;
}

export type OnnxValue = Constant | Computed | JoinedRows | RowNumbers;

/** Something that a plan cannot express. Never leaves `compile.ts`. */
export class UnsupportedNode extends Error {
  readonly node: string;

  /** @param reason without the node's name */
  constructor(node: NodeProto | string, reason: string) {
    super(reason);
    this.name = 'UnsupportedNode';
    this.node = typeof node === 'string' ? node : node.name || (node.output[0] ?? node.opType);
  }
}

/** One node and what it reads, for the operator that turns it into steps. */
export interface NodeCall {
  readonly node: NodeProto;
  /** In the order of the node; undefined for those that are left out. */
  readonly inputs: readonly (OnnxValue | undefined)[];
  readonly opset: number;
  /** That the graph reads at a time; undefined where it reads any number. */
  readonly rows: number | undefined;
  /** Adds a step.
   * @returns its id */
  readonly add: (draft: StepDraft<Step>, inputs: readonly ValueId[]) => ValueId;
}

/** What an operator gives for its first output. */
export type Operator = (call: NodeCall) => OnnxValue;

export function fail({ node }: Pick<NodeCall, 'node'>, reason: string): never {
  throw new UnsupportedNode(node, `is a ${node.opType} that ${reason}`);
}

export function computed(call: NodeCall, index = 0): Computed {
  const value = call.inputs[index];
  if (value?.kind === 'computed') return value;
  return fail(call, value?.kind === 'joinedRows' ? 'reads all rows in one dimension' : 'reads no image');
}

export function constant(call: NodeCall, index: number): Constant {
  const value = call.inputs[index];
  return value?.kind === 'constant' ? value : fail(call, `computes its input ${index}`);
}

export function optionalConstant(call: NodeCall, index: number): Constant | undefined {
  return call.inputs[index] === undefined ? undefined : constant(call, index);
}

/** Height, width and channels of an image. */
export function imageOf(call: NodeCall, value: Computed): readonly [number, number, number] {
  const [height = 0, width = 0, channels = 0] = value.shape;
  return value.shape.length === 3 ? [height, width, channels] : fail(call, 'reads no image');
}

export function int(node: NodeProto, name: string, fallback: number): number {
  const found = node.attribute.find((attribute) => attribute.name === name);
  return found === undefined ? fallback : Number(found.i);
}

export function float(node: NodeProto, name: string, fallback: number): number {
  return node.attribute.find((attribute) => attribute.name === name)?.f ?? fallback;
}

export function text(node: NodeProto, name: string, fallback: string): string {
  const found = node.attribute.find((attribute) => attribute.name === name);
  return found === undefined ? fallback : new TextDecoder().decode(found.s);
}

/** Undefined where the node goes without. */
export function ints(node: NodeProto, name: string): number[] | undefined {
  return node.attribute.find((attribute) => attribute.name === name)?.ints.map(Number);
}

export function pairOf(numbers: readonly number[] | undefined): Pair {
  const [vertical = 1, horizontal = 1] = numbers ?? [];
  return [vertical, horizontal];
}

/** `[top, left, bottom, right]`, as ONNX has it. */
export function paddingOf(numbers: readonly number[] | undefined): Padding {
  const [top = 0, left = 0, bottom = 0, right = 0] = numbers ?? [];
  return { top, left, bottom, right };
}

/** A tensor of which at most one dimension is longer than 1, and that is the channels': as a vector; else undefined. */
export function perChannel({ dims, values }: Constant, value: Computed): Float32Array | undefined {
  const channels = value.shape.at(-1) ?? 0;
  if (values.length === 1) return new Float32Array(channels).fill(values[0] ?? 0);
  const rank = value.order === 'vector' ? 2 : 4;
  const place = value.order === 'nchw' ? 1 : rank - 1;
  const padded = [...Array.from({ length: Math.max(0, rank - dims.length) }, () => 1), ...dims];
  const fits =
    padded.length === rank && padded.every((length, axis) => length === (axis === place ? channels : 1));
  return fits && sizeOf(dims) === channels ? values : undefined;
}
