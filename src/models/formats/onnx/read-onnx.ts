import { fromBinary } from '@bufbuild/protobuf';
import { FoveaError } from '../../../platform/errors.js';
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
} from './generated/onnx-pb.js';

/** The operator sets that are standard. Others would need code that comes with the model. */
const STANDARD_DOMAINS: ReadonlySet<string> = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft']);

/** A file beside the model: a path elsewhere is refused. */
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

export interface OnnxModel extends ModelProto {
  readonly graph: GraphProto;
}

/** Decodes an ONNX file and checks that it asks for nothing that a model has no need of.
 * @throws FoveaError `model_invalid` */
export function readOnnx(bytes: Uint8Array): OnnxModel {
  const model = decode(bytes);
  const { graph } = model;
  if (graph === undefined || graph.node.length === 0)
    throw invalid('The file is no ONNX model: it holds no graph.');
  checkGraph(graph);
  const known = new Set([...STANDARD_DOMAINS, ...model.functions.map(({ domain }) => domain)]);
  for (const { opType, domain, name } of graph.node)
    if (!known.has(domain))
      throw invalid(
        `The node ${name} is a custom operator, ${domain}.${opType}: export the model without it.`,
      );
  return { ...model, graph };
}

/** The files of weights that lie beside the model. */
export function externalFiles({ graph }: OnnxModel): ReadonlySet<string> {
  return new Set(graph.initializer.flatMap((tensor) => externalFile(tensor) ?? []));
}

/** Where a tensor's data lies, when it is not in the model's file.
 * @throws FoveaError `model_invalid` for a place outside the model's folder */
export function externalFile({ name, dataLocation, externalData }: TensorProto): string | null {
  if (dataLocation !== TensorProto_DataLocation.EXTERNAL) return null;
  const file = externalData.find(({ key }) => key === 'location')?.value ?? '';
  if (!FILE_NAME.test(file))
    throw invalid(`The weights ${name} lie outside the model's folder: ${JSON.stringify(file)}.`);
  return file;
}

function decode(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (error) {
    // Also a RangeError of messages that are nested too deeply.
    throw new FoveaError('model_invalid', 'The file is no ONNX model, or is damaged.', { cause: error });
  }
}

function checkGraph({ node, initializer }: GraphProto): void {
  initializer.forEach(externalFile);
  for (const { attribute } of node)
    for (const { g, graphs } of attribute)
      for (const inner of g === undefined ? graphs : [g, ...graphs]) checkGraph(inner);
}

function invalid(message: string): FoveaError {
  return new FoveaError('model_invalid', message);
}
