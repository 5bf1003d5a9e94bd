import type { Padding, Pair, Shape, Step, ValueId } from '../../plan/plan.js';
import type { StepDraft } from '../../plan/step-draft.js';
import type { NodeProto } from './generated/onnx-pb.js';
import type { Constant } from './tensors.js';

/** A value of the plan, as ONNX sees it: in other dimensions, in another order. */
export interface Computed {
  readonly kind: 'computed';
  readonly id: ValueId;
  /** In the plan, of one image. */
  readonly shape: Shape;
  /** For each dimension of ONNX the dimensions of `shape` that it consists of, the slowest first; none for a length of 1.
   * Every dimension of `shape` longer than 1 occurs once. Transpositions and reshapes change this alone, until a step needs
   * another order (`arranged`). */
  readonly axes: readonly (readonly number[])[];
  /** Of what it is the sigmoid: `x · sigmoid(x)` is one step. */
  readonly sigmoidOf?: ValueId | undefined;
}

export type OnnxValue = Constant | Computed;

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
  /** Images that the graph reads at a time; 1 where it reads any number. A plan is what the graph computes of one. */
  readonly rows: number;
  /** Adds a step.
   * @returns its id */
  readonly add: (draft: StepDraft<Step>, inputs: readonly ValueId[]) => ValueId;
}

/** What an operator gives for its outputs; alone for the first. */
export type Operator = (call: NodeCall) => OnnxValue | readonly OnnxValue[];

export function fail({ node }: Pick<NodeCall, 'node'>, reason: string): never {
  throw new UnsupportedNode(node, `is a ${node.opType} that ${reason}`);
}

export function computed(call: NodeCall, index = 0): Computed {
  const value = call.inputs[index];
  return value?.kind === 'computed' ? value : fail(call, 'reads no image');
}

export function constant(call: NodeCall, index: number): Constant {
  const value = call.inputs[index];
  return value?.kind === 'constant' ? value : fail(call, `computes its input ${index}`);
}

export function optionalConstant(call: NodeCall, index: number): Constant | undefined {
  return call.inputs[index] === undefined ? undefined : constant(call, index);
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

/** Numbers that are attributes in old opsets and an input in new ones; none where the node goes without. */
export function numbers(call: NodeCall, name: string, index: number): number[] {
  return ints(call.node, name) ?? [...(optionalConstant(call, index)?.values ?? [])];
}

/** @returns the place of a dimension, from 0
 * @param axis below zero from behind */
export function placeOf(call: NodeCall, axis: number, rank: number): number {
  const place = axis < 0 ? axis + rank : axis;
  return place >= 0 && place < rank ? place : fail(call, `has the axis ${axis}`);
}
