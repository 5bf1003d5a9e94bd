import { FoveaError } from '../../../platform/errors.js';
import {
  type Conv2dStep,
  type DepthwiseConv2dStep,
  groupsOf,
  type Padding,
  type PoolStep,
  type Shape,
  type Step,
  sizeOf,
  type Weights,
} from '../../plan/plan.js';
import type { OnnxWriter } from './onnx-writer.js';
import { writeActivation } from './write-activation.js';

const TO_LAST = [0, 2, 3, 1];
const TO_FIRST = [0, 3, 1, 2];

/** A value of the plan in the graph: images lie channels first there. */
export interface Written {
  readonly name: string;
  /** In the plan: channels last, without the rows. */
  readonly shape: Shape;
}

/** @returns the name of the step's output
 * @throws FoveaError `bad_request` for values that are neither images nor vectors */
export function writeStep(writer: OnnxWriter, step: Step, inputs: readonly Written[]): string {
  const [input] = inputs;
  if (input === undefined || ![1, 3].includes(step.shape.length) || ![1, 3].includes(input.shape.length))
    throw new FoveaError(
      'bad_request',
      `The layer ${step.layer} computes neither images nor vectors, which export cannot write.`,
    );
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
      const dims = step.shape.length === 3 ? [1, step.scale.length, 1, 1] : [1, step.scale.length];
      const scaled = node('Mul', [writer.floats(dims, step.scale)]);
      return writer.node(step.layer, 'Add', [scaled, writer.floats(dims, step.shift)]);
    }
    case 'activation':
      return writeActivation(writer, step.layer, step.activation, input.name);
    case 'add':
    case 'multiply':
      return names.reduce((left, right) =>
        writer.node(step.layer, step.op === 'add' ? 'Add' : 'Mul', [left, right]),
      );
    case 'concat':
      return writer.node(step.layer, 'Concat', names, { axis: 1 });
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
  return Float32Array.from(values, (_, index) => {
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

/** The plan's order of numbers is channels last. */
function writeReshape(writer: OnnxWriter, layer: string, input: Written, shape: Shape): string {
  const isPlain = (size: Shape) => size.length === 1 || (size[0] ?? 0) * (size[1] ?? 0) === 1;
  const last = isPlain(input.shape)
    ? input.name
    : writer.node(layer, 'Transpose', [input.name], { perm: TO_LAST });
  if (shape.length === 1) return writer.node(layer, 'Reshape', [last, writer.integers([-1, sizeOf(shape)])]);
  const image = writer.node(layer, 'Reshape', [last, writer.integers([-1, ...shape])]);
  return writer.node(layer, 'Transpose', [image], { perm: TO_FIRST });
}

/** Works on channels as the last dimension. */
function inLast(writer: OnnxWriter, layer: string, input: Written, work: (name: string) => string): string {
  if (input.shape.length === 1) return work(input.name);
  const last = work(writer.node(layer, 'Transpose', [input.name], { perm: TO_LAST }));
  return writer.node(layer, 'Transpose', [last], { perm: TO_FIRST });
}
