import { toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from '../../formats/onnx/generated/onnx-pb.js';

export interface Weight {
  /** Without `rawData`. */
  readonly tensor: TensorProto;
  /** The `rawData` of the tensor; only read. */
  readonly bytes: Uint8Array;
}

/** What comes before the bytes of a field. */
function prefixOf({ number }: { readonly number: number }, length: number): Uint8Array {
  return new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(length).finish();
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** Encodes a model whose weights are copied once: `toBinary` copies them up to four times.
 * @param model without its graph
 * @param graph without its weights
 * @source https://protobuf.dev/programming-guides/encoding/#order */
export function encodeModel(model: ModelProto, graph: GraphProto, weights: readonly Weight[]): Uint8Array {
  const initializers = weights.flatMap(({ tensor, bytes }) => {
    const raw = prefixOf(TensorProtoSchema.field.rawData, bytes.length);
    const whole = [toBinary(TensorProtoSchema, tensor), raw, bytes];
    return [prefixOf(GraphProtoSchema.field.initializer, lengthOf(whole)), ...whole];
  });
  const wholeGraph = [toBinary(GraphProtoSchema, graph), ...initializers];
  const pieces = [
    toBinary(ModelProtoSchema, model),
    prefixOf(ModelProtoSchema.field.graph, lengthOf(wholeGraph)),
    ...wholeGraph,
  ];
  const file = new Uint8Array(lengthOf(pieces));
  let place = 0;
  for (const piece of pieces) {
    file.set(piece, place);
    place += piece.length;
  }
  return file;
}
