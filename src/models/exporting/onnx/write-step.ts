import {
  type ActivationStep,
  type AddConstantStep,
  type Conv2dStep,
  type DepthwiseConv2dStep,
  groupsOf,
  type MatMulStep,
  type Padding,
  type PoolStep,
  type Shape,
  type Step,
  sizeOf,
  type TransposeStep,
  type Weights,
} from '../../plan/plan.js';
import type { OnnxWriter } from './onnx-writer.js';
import { writeActivation } from './write-activation.js';

const TO_LAST = [0, 2, 3, 1];
const TO_FIRST = [0, 3, 1, 2];

/** A value of the plan in the graph: images, which have three dimensions, lie channels first there. */
export interface Written {
  readonly name: string;
  /** In the plan: channels last, without the rows. */
  readonly shape: Shape;
}

/** @returns the name of the step's output */
export function writeStep(writer: OnnxWriter, step: Step, inputs: readonly Written[]): string {
  const [input] = inputs;
  if (input === undefined) throw new Error('A step without input. This is a bug.');
  const names = inputs.map(({ name }) => name);
  const node = (op: string, more: readonly string[] = [], attributes = {}) =>
    writer.node(step.layer, op, [input.name, ...more], attributes);
  switch (step.op) {
    case 'conv2d':
    case 'depthwiseConv2d':
      return writeActivation(writer, step.layer, step.activation, writeConvolution(writer, step, input));
    case 'dense': {
      const { kernel, bias } = step;
      const product = node('Gemm', [
        writer.floats(kernel.shape, kernel.values),
        writer.floats([bias.length], bias),
      ]);
      return writeActivation(writer, step.layer, step.activation, product);
    }
    case 'maxPool':
      return node('MaxPool', [], windowOf(step));
    case 'averagePool':
      return node('AveragePool', [], {
        ...windowOf(step),
        count_include_pad: step.countsPadding === true ? 1 : 0,
      });
    case 'globalMaxPool':
    case 'globalAveragePool': {
      const pooled = node(step.op === 'globalMaxPool' ? 'GlobalMaxPool' : 'GlobalAveragePool');
      return step.shape.length === 3 ? pooled : writer.node(step.layer, 'Flatten', [pooled], { axis: 1 });
    }
    case 'reshape':
      return writeReshape(writer, step.layer, input, step.shape);
    case 'zeroPadding': {
      const { top, left, bottom, right } = step.padding;
      return node('Pad', [writer.integers([0, 0, top, left, 0, 0, bottom, right])]);
    }
    case 'crop': {
      const { top, left } = step.cropping;
      const [height = 0, width = 0] = step.shape;
      const ends = [top + height, left + width];
      return node('Slice', [writer.integers([top, left]), writer.integers(ends), writer.integers([2, 3])]);
    }
    case 'layerNorm':
      return inLast(writer, step.layer, input, (last) => {
        const scale = writer.floats([step.gamma.length], step.gamma);
        const bias = writer.floats([step.beta.length], step.beta);
        const settings = { axis: -1, epsilon: { float: step.epsilon } };
        return writer.node(step.layer, 'LayerNormalization', [last, scale, bias], settings);
      });
    case 'scaleShift': {
      const rank = step.shape.length + 1;
      const dims = Array(rank)
        .fill(1)
        .with(rank === 4 ? 1 : -1, step.scale.length);
      const scaled = node('Mul', [writer.floats(dims, step.scale)]);
      return writer.node(step.layer, 'Add', [scaled, writer.floats(dims, step.shift)]);
    }
    case 'activation':
      return writeActivated(writer, step, input);
    case 'add':
    case 'multiply':
      return names.reduce((left, right) =>
        writer.node(step.layer, step.op === 'add' ? 'Add' : 'Mul', [left, right]),
      );
    case 'concat':
      return writer.node(step.layer, 'Concat', names, {
        axis: step.shape.length === 3 ? 1 : step.shape.length,
      });
    case 'transpose':
    case 'matMul':
    case 'addConstant':
      return fromLast(writer, step.layer, step.shape, writeInLast(writer, step, inputs));
  }
}

function writeConvolution(
  writer: OnnxWriter,
  step: Conv2dStep | DepthwiseConv2dStep,
  input: Written,
): string {
  const { filter, bias, strides, dilations, padding } = step;
  const [height = 0, width = 0, inner = 0, last = 0] = filter.shape;
  const channels = input.shape[2] ?? 0;
  const isDepthwise = step.op === 'depthwiseConv2d';
  // A depthwise filter has the order of a filter of one channel: its channels and multipliers are out channels.
  const [from, to] = isDepthwise ? [1, inner * last] : [inner, last];
  const weights = writer.floats([to, from, height, width], channelsFirst(filter, from, to));
  return writer.node(step.layer, 'Conv', [input.name, weights, writer.floats([bias.length], bias)], {
    kernel_shape: [height, width],
    strides,
    dilations,
    pads: padsOf(padding),
    group: isDepthwise ? channels : groupsOf(step, channels),
  });
}

/** `[places, in, out]` → `[out, in, places]` */
function channelsFirst({ values }: Weights, inner: number, out: number): Float32Array {
  const places = values.length / (inner * out);
  // Not `Float32Array.from`, which makes a list of all values first.
  return values.map((_, index) => {
    const place = index % places;
    const from = Math.floor(index / places) % inner;
    const channel = Math.floor(index / (places * inner));
    return values[(place * inner + from) * out + channel] ?? Number.NaN;
  });
}

function windowOf({ window, strides, padding }: PoolStep) {
  return { kernel_shape: window, strides, pads: padsOf(padding) };
}

function padsOf({ top, left, bottom, right }: Padding): readonly number[] {
  return [top, left, bottom, right];
}

/** A softmax is over the last dimension, which is the second one of an image. */
function writeActivated(writer: OnnxWriter, { layer, activation, shape }: ActivationStep, { name }: Written) {
  const axis = shape.length === 3 ? 1 : -1;
  if (activation.kind === 'softmax') return writer.node(layer, 'Softmax', [name], { axis });
  return writeActivation(writer, layer, activation, name);
}

/** @returns the name of the output in the plan's order */
function writeInLast(
  writer: OnnxWriter,
  step: TransposeStep | MatMulStep | AddConstantStep,
  inputs: readonly Written[],
): string {
  const { layer } = step;
  const [first = '', second = ''] = inputs.map((input) => toLast(writer, layer, input));
  if (step.op === 'transpose')
    return writer.node(layer, 'Transpose', [first], { perm: [0, ...step.order.map((axis) => axis + 1)] });
  if (step.op === 'addConstant') {
    const { shape, values } = step.summand;
    return writer.node(layer, 'Add', [first, writer.floats(shape, values)]);
  }
  const right = step.transposed ? writer.node(layer, 'Transpose', [second], { perm: [0, 1, 3, 2] }) : second;
  return writer.node(layer, 'MatMul', [first, right]);
}

/** The plan's order of numbers is channels last. */
function writeReshape(writer: OnnxWriter, layer: string, input: Written, shape: Shape): string {
  const isPlain = (size: Shape) => size.length !== 3 || (size[0] ?? 0) * (size[1] ?? 0) === 1;
  const last = isPlain(input.shape) ? input.name : toLast(writer, layer, input);
  if (shape.length === 1) return writer.node(layer, 'Reshape', [last, writer.integers([-1, sizeOf(shape)])]);
  return fromLast(
    writer,
    layer,
    shape,
    writer.node(layer, 'Reshape', [last, writer.integers([-1, ...shape])]),
  );
}

/** Works on channels as the last dimension. */
function inLast(writer: OnnxWriter, layer: string, input: Written, work: (name: string) => string): string {
  return fromLast(writer, layer, input.shape, work(toLast(writer, layer, input)));
}

function toLast(writer: OnnxWriter, layer: string, { name, shape }: Written): string {
  return shape.length === 3 ? writer.node(layer, 'Transpose', [name], { perm: TO_LAST }) : name;
}

function fromLast(writer: OnnxWriter, layer: string, shape: Shape, last: string): string {
  return shape.length === 3 ? writer.node(layer, 'Transpose', [last], { perm: TO_FIRST }) : last;
}
