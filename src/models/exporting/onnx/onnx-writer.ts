import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../../formats/onnx/generated/onnx-pb.js';
import { encodeModel, type Weight } from './encode-model.js';

/** Versions of files, by the operator set that they need: runtimes refuse sets that are newer than they are.
 * @source onnx/onnx.proto, `Version` */
const IR_VERSIONS = { 17: 8n, 20: 9n } as const;

export type Attributes = Readonly<
  Record<string, number | readonly number[] | { readonly float: number } | { readonly text: string }>
>;

export interface Described {
  readonly name: string;
  /** Without the rows. */
  readonly shape: readonly number[];
}

/** Collects the nodes and weights of an ONNX graph. */
export class OnnxWriter {
  readonly #nodes: NodeProto[] = [];
  readonly #weights: Weight[] = [];
  #opset: keyof typeof IR_VERSIONS = 17;

  /** @param values not changed before `finish`
   * @returns the name of the tensor */
  floats(dims: readonly number[], values: Float32Array): string {
    return this.#weight(
      TensorProto_DataType.FLOAT,
      dims,
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
  }

  /** @returns the name of the tensor, a vector */
  integers(values: readonly number[]): string {
    const numbers = BigInt64Array.from(values, BigInt);
    return this.#weight(TensorProto_DataType.INT64, [values.length], new Uint8Array(numbers.buffer));
  }

  /** Adds a node.
   * @param layer the layer that it comes from
   * @returns the name of its output */
  node(layer: string, opType: string, input: readonly string[], attributes: Attributes = {}): string {
    const output = `value_${this.#nodes.length}`;
    const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
    const name = `${layer}/${opType}_${this.#nodes.length}`;
    this.#nodes.push(
      create(NodeProtoSchema, { name, opType, input: [...input], output: [output], attribute }),
    );
    return output;
  }

  /** Says that the file has operators of set 20, such as Gelu. */
  needOpset20(): void {
    this.#opset = 20;
  }

  /** @param metadata `metadata_props` of the model */
  finish(
    graph: {
      readonly name: string;
      readonly input: Described;
      readonly output: Described;
      readonly result: string;
    },
    metadata: Readonly<Record<string, string>>,
    producerVersion: string,
  ): Uint8Array {
    this.#nodes.push(
      create(NodeProtoSchema, { opType: 'Identity', input: [graph.result], output: [graph.output.name] }),
    );
    const model = create(ModelProtoSchema, {
      irVersion: IR_VERSIONS[this.#opset],
      opsetImport: [{ domain: '', version: BigInt(this.#opset) }],
      producerName: 'fovea',
      producerVersion,
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    });
    const named = create(GraphProtoSchema, {
      name: graph.name,
      node: this.#nodes,
      input: [tensorInfo(graph.input)],
      output: [tensorInfo(graph.output)],
    });
    return encodeModel(model, named, this.#weights);
  }

  #weight(dataType: TensorProto_DataType, dims: readonly number[], bytes: Uint8Array): string {
    const name = `weight_${this.#weights.length}`;
    this.#weights.push({
      tensor: create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt) }),
      bytes,
    });
    return name;
  }
}

function attributeOf(name: string, value: Attributes[string]): AttributeProto {
  if (typeof value === 'number')
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) });
  if ('text' in value)
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.STRING,
      s: new TextEncoder().encode(value.text),
    });
  if ('float' in value)
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, {
    name,
    type: AttributeProto_AttributeType.INTS,
    ints: value.map(BigInt),
  });
}

function tensorInfo({ name, shape }: Described): ValueInfoProto {
  const sizes = shape.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } }));
  const rows = { value: { case: 'dimParam' as const, value: 'rows' } };
  const tensor = { elemType: TensorProto_DataType.FLOAT, shape: { dim: [rows, ...sizes] } };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: tensor } } });
}
