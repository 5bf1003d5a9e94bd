import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { FoveaError } from '../../../platform/errors.js';
import {
  AttributeProto_AttributeType,
  ModelProtoSchema,
  type NodeProtoSchema,
  TensorProto_DataType,
  type ValueInfoProtoSchema,
} from '../../formats/onnx/generated/onnx-pb.js';
import type { Weights } from '../pytorch/state-dict.js';

const EPSILON = 1e-3;
const EDGE = 224;
const CLASSES = 1000;

/** Blocks of EfficientNet-Lite0: how often, kernel, stride of the first, expansion, channels. */
const BLOCKS = [
  { repeats: 1, kernel: 3, stride: 1, expansion: 1, channels: 16 },
  { repeats: 2, kernel: 3, stride: 2, expansion: 6, channels: 24 },
  { repeats: 2, kernel: 5, stride: 2, expansion: 6, channels: 40 },
  { repeats: 3, kernel: 3, stride: 2, expansion: 6, channels: 80 },
  { repeats: 3, kernel: 5, stride: 1, expansion: 6, channels: 112 },
  { repeats: 4, kernel: 5, stride: 2, expansion: 6, channels: 192 },
  { repeats: 1, kernel: 3, stride: 1, expansion: 6, channels: 320 },
] as const;
const STEM_CHANNELS = 32;

type Node = MessageInitShape<typeof NodeProtoSchema>;

/**
 * EfficientNet-Lite0 as ONNX: float32 1 × 3 × 224 × 224 in, 1,000 logits out.
 * @param weights of the PyTorch package `efficientnet_lite_pytorch`, whose names they have
 * @source efficientnet/lite/efficientnet_lite_builder.py of TensorFlow's TPU models
 * @throws FoveaError `model_invalid` when weights are missing
 */
export function efficientNetLite0(weights: ReadonlyMap<string, Weights>): Uint8Array {
  const network = new Network(weights);
  let x = network.convolution('image', '_conv_stem', '_bn0', { kernel: 3, stride: 2 });
  let [index, channels] = [0, STEM_CHANNELS];
  for (const block of BLOCKS)
    for (let repeat = 0; repeat < block.repeats; repeat++) {
      x = addBlock(network, x, `_blocks.${index++}`, {
        ...block,
        stride: repeat === 0 ? block.stride : 1,
        from: channels,
      });
      channels = block.channels;
    }
  x = network.convolution(x, '_conv_head', '_bn1', { kernel: 1, stride: 1 });
  x = network.node('GlobalAveragePool', [x]);
  x = network.node('Flatten', [x]);
  network.node('Gemm', [x, '_fc.weight', '_fc.bias'], { transB: 1 }, 'logits');
  return network.file();
}

interface Block {
  readonly kernel: number;
  readonly stride: number;
  readonly expansion: number;
  readonly from: number;
  readonly channels: number;
}

/** An inverted residual block: expanded, convolved channel by channel, projected. */
function addBlock(network: Network, input: string, name: string, block: Block): string {
  const { kernel, stride, expansion, from, channels } = block;
  let x = input;
  if (expansion !== 1)
    x = network.convolution(x, `${name}._expand_conv`, `${name}._bn0`, { kernel: 1, stride: 1 });
  x = network.convolution(x, `${name}._depthwise_conv`, `${name}._bn1`, {
    kernel,
    stride,
    group: from * expansion,
  });
  x = network.convolution(x, `${name}._project_conv`, `${name}._bn2`, {
    kernel: 1,
    stride: 1,
    isLinear: true,
  });
  return stride === 1 && from === channels ? network.node('Add', [x, input]) : x;
}

interface Convolution {
  readonly kernel: number;
  readonly stride: number;
  readonly group?: number;
  readonly isLinear?: boolean;
}

/** Nodes in order, and the weights that they read. */
class Network {
  readonly #weights: ReadonlyMap<string, Weights>;
  readonly #nodes: Node[] = [];
  readonly #read = new Map<string, Weights>([
    ['zero', { shape: [], values: Float32Array.of(0) }],
    ['six', { shape: [], values: Float32Array.of(6) }],
  ]);

  constructor(weights: ReadonlyMap<string, Weights>) {
    this.#weights = weights;
  }

  /** A convolution with batch norm, and ReLU6 unless it is linear.
   * @returns the name of the result */
  convolution(
    input: string,
    name: string,
    norm: string,
    { kernel, stride, group = 1, isLinear = false }: Convolution,
  ): string {
    const convolved = this.node('Conv', [input, `${name}.weight`], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      group,
      auto_pad: 'SAME_UPPER',
    });
    const statistics = ['weight', 'bias', 'running_mean', 'running_var'].map((part) => `${norm}.${part}`);
    const normed = this.node('BatchNormalization', [convolved, ...statistics], { epsilon: EPSILON });
    return isLinear ? normed : this.node('Clip', [normed, 'zero', 'six']);
  }

  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, number | string | readonly number[]>> = {},
    output = `value${this.#nodes.length}`,
  ): string {
    for (const name of inputs) this.#use(name);
    this.#nodes.push({
      opType,
      name: output,
      input: [...inputs],
      output: [output],
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    return output;
  }

  file(): Uint8Array {
    const initializer = [...this.#read].map(([name, { shape, values }]) => ({
      name,
      dims: shape.map(BigInt),
      dataType: TensorProto_DataType.FLOAT,
      rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    }));
    const graph = {
      name: 'efficientnet-lite0',
      node: this.#nodes,
      initializer,
      input: [tensorType('image', [1, 3, EDGE, EDGE])],
      output: [tensorType('logits', [1, CLASSES])],
    };
    const opsetImport = [{ domain: '', version: 17n }];
    return toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, { irVersion: 8n, producerName: 'fovea', opsetImport, graph }),
    );
  }

  /** Inputs are weights unless a node made them. */
  #use(name: string): void {
    if (name === 'image' || this.#read.has(name) || this.#nodes.some(({ output }) => output?.[0] === name))
      return;
    const weights = this.#weights.get(name);
    if (weights === undefined) throw new FoveaError('model_invalid', `The package has no weights ${name}.`);
    this.#read.set(name, weights);
  }
}

function attribute(name: string, value: number | string | readonly number[]) {
  if (typeof value === 'string')
    return { name, type: AttributeProto_AttributeType.STRING, s: new TextEncoder().encode(value) };
  if (typeof value !== 'number')
    return { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) };
  return Number.isInteger(value)
    ? { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) }
    : { name, type: AttributeProto_AttributeType.FLOAT, f: value };
}

function tensorType(name: string, shape: readonly number[]): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((length) => ({ value: { case: 'dimValue' as const, value: BigInt(length) } }));
  return {
    name,
    type: { value: { case: 'tensorType', value: { elemType: TensorProto_DataType.FLOAT, shape: { dim } } } },
  };
}
