import { create } from '@bufbuild/protobuf';
import { AttributeProtoSchema, type NodeProto, NodeProtoSchema } from './generated/onnx-pb.js';
import { int, ints } from './graph-builder.js';
import { readTensor } from './tensors.js';

/* Exporters write GELU in its parts until opset 19, and layer norm until opset 16. */

const CLOSE = 1e-3;

/** A graph without nodes that nothing reads; GELU and layer norm are one node each. */
export function withKnownPatterns(graph: {
  readonly nodes: readonly NodeProto[];
  readonly outputs: readonly string[];
  /** The number of an initializer that holds one. */
  readonly scalars: ReadonlyMap<string, number>;
}): NodeProto[] {
  const search = new Search(graph.nodes, graph.scalars);
  const replaced = new Map<NodeProto, NodeProto>();
  for (const node of graph.nodes) {
    const found = search.gelu(node) ?? search.layerNorm(node);
    if (found !== null) replaced.set(found.last, found.node);
  }
  const nodes = graph.nodes.map((node) => replaced.get(node) ?? node);
  return liveNodes(nodes, graph.outputs);
}

function liveNodes(nodes: readonly NodeProto[], outputs: readonly string[]): NodeProto[] {
  const read = new Set(outputs);
  return nodes
    .toReversed()
    .filter(({ input, output }) => {
      if (!output.some((name) => read.has(name))) return false;
      for (const name of input) read.add(name);
      return true;
    })
    .reverse();
}

interface Found {
  /** Whose output the new node has. */
  readonly last: NodeProto;
  readonly node: NodeProto;
}

class Search {
  readonly #producers = new Map<string, NodeProto>();
  readonly #readers = new Map<string, NodeProto[]>();
  readonly #scalars: Map<string, number>;

  constructor(nodes: readonly NodeProto[], scalars: ReadonlyMap<string, number>) {
    this.#scalars = new Map(scalars);
    for (const node of nodes) {
      for (const name of node.output) this.#producers.set(name, node);
      for (const name of node.input) this.#readers.set(name, [...(this.#readers.get(name) ?? []), node]);
      const tensor = node.attribute.find(({ name }) => name === 'value')?.t;
      if (node.opType !== 'Constant' || tensor === undefined) continue;
      const constant = readTensor(tensor, new Map());
      if (constant?.values.length === 1) this.#scalars.set(node.output[0] ?? '', constant.values[0] ?? 0);
    }
  }

  /** @param node an Erf or a Tanh, the middle of a GELU */
  gelu(node: NodeProto): Found | null {
    const x = node.opType === 'Erf' ? this.#erfArgument(node) : this.#tanhArgument(node);
    const plusOne = this.#onlyReader(node, 'Add');
    if (x === null || plusOne === null || this.#besides(plusOne, 1) !== node.output[0]) return null;
    const last = this.#halfOf(x, plusOne);
    if (last === null) return null;
    const approximate = node.opType === 'Erf' ? 'none' : 'tanh';
    const attribute = [
      create(AttributeProtoSchema, { name: 'approximate', s: new TextEncoder().encode(approximate) }),
    ];
    const { name, output } = last;
    return { last, node: create(NodeProtoSchema, { opType: 'Gelu', name, input: [x], output, attribute }) };
  }

  /** @returns the name of x in `x / √2` */
  #erfArgument({ input }: NodeProto): string | null {
    const scaled = this.#producerOf(input[0], 'Div', 'Mul');
    if (scaled === null) return null;
    return this.#besides(scaled, scaled.opType === 'Div' ? Math.SQRT2 : Math.SQRT1_2);
  }

  /** @returns the name of x in `√(2 / π) · (x + 0.044715 x³)` */
  #tanhArgument({ opType, input }: NodeProto): string | null {
    const scaled = opType === 'Tanh' ? this.#producerOf(input[0], 'Mul') : null;
    const sum = this.#producerOf(scaled && this.#besides(scaled, Math.sqrt(2 / Math.PI)), 'Add');
    const [first = '', second = ''] = sum?.input ?? [];
    const isPart = (name: string, x: string) => {
      const weighted = this.#producerOf(name, 'Mul');
      return weighted !== null && this.#isCube(this.#besides(weighted, 0.044715), x);
    };
    if (isPart(second, first)) return first;
    return isPart(first, second) ? second : null;
  }

  #isCube(name: string | null, x: string): boolean {
    const power = this.#producerOf(name, 'Pow', 'Mul');
    if (power?.opType === 'Pow') return this.#besides(power, 3) === x;
    const square = this.#producerOf(
      power?.input.find((factor) => factor !== x),
      'Mul',
    );
    return power?.input.includes(x) === true && square?.input.every((factor) => factor === x) === true;
  }

  /** @returns the last node of the product of x, `plusOne` and 0.5, in any order */
  #halfOf(x: string, plusOne: NodeProto): NodeProto | null {
    const product = this.#onlyReader(plusOne, 'Mul');
    if (product === null) return null;
    const other = product.input.find((name) => name !== plusOne.output[0]);
    const half = this.#producerOf(other, 'Mul');
    if (half !== null && this.#besides(half, 0.5) === x) return product;
    const next = this.#onlyReader(product, 'Mul');
    if (next === null) return null;
    if (other === x) return this.#besides(next, 0.5) === product.output[0] ? next : null;
    const isHalf = this.#besides(product, 0.5) === plusOne.output[0];
    return isHalf && next.input.includes(x) ? next : null;
  }

  /** @param node the Div of a layer norm */
  layerNorm(node: NodeProto): Found | null {
    const [centred = '', root] = node.opType === 'Div' ? node.input : [];
    const difference = this.#producerOf(centred, 'Sub');
    const [x = '', mean] = difference?.input ?? [];
    const sum = this.#producerOf(this.#producerOf(root, 'Sqrt')?.input[0], 'Add');
    const [variance, epsilon] = sum?.input ?? [];
    const eps = this.#scalars.get(epsilon ?? '');
    const square = this.#producerOf(this.#meanOf(variance), 'Pow');
    const isNormal = this.#meanOf(mean) === x && square !== null && this.#besides(square, 2) === centred;
    const scaled = isNormal && eps !== undefined ? this.#onlyReader(node, 'Mul') : null;
    const last = scaled && this.#onlyReader(scaled, 'Add');
    const gamma = scaled?.input.find((name) => name !== node.output[0]);
    const beta = last?.input.find((name) => name !== scaled?.output[0]);
    if (!last || gamma === undefined || beta === undefined) return null;
    const attribute = [
      create(AttributeProtoSchema, { name: 'axis', i: -1n }),
      create(AttributeProtoSchema, { name: 'epsilon', f: eps ?? 0 }),
    ];
    const { name, output } = last;
    const input = [x, gamma, beta];
    return {
      last,
      node: create(NodeProtoSchema, { opType: 'LayerNormalization', name, input, output, attribute }),
    };
  }

  /** @returns the name of x where the value is its mean over the last dimension, which stays as 1 */
  #meanOf(name: string | undefined): string | undefined {
    const mean = this.#producerOf(name, 'ReduceMean');
    if (mean === null || int(mean, 'keepdims', 1) !== 1) return undefined;
    const axis = ints(mean, 'axes') ?? [this.#scalars.get(mean.input[1] ?? '')];
    return axis.length === 1 && axis[0] === -1 ? mean.input[0] : undefined;
  }

  #producerOf(name: string | null | undefined, ...opTypes: string[]): NodeProto | null {
    const node = this.#producers.get(name ?? '');
    return node !== undefined && opTypes.includes(node.opType) ? node : null;
  }

  #onlyReader({ output }: NodeProto, opType: string): NodeProto | null {
    const [reader, another] = this.#readers.get(output[0] ?? '') ?? [];
    return reader?.opType === opType && another === undefined ? reader : null;
  }

  /** @returns the operand beside a constant of about this number; null where there is none. Div and Pow have theirs second. */
  #besides({ opType, input }: NodeProto, number: number): string | null {
    const [first = '', second = ''] = input;
    const isNumber = (name: string) => Math.abs((this.#scalars.get(name) ?? Number.NaN) - number) < CLOSE;
    if (isNumber(second)) return first;
    return isNumber(first) && (opType === 'Add' || opType === 'Mul') ? second : null;
  }
}
