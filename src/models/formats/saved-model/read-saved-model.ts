import { fromBinary } from '@bufbuild/protobuf';
import { FoveaError } from '../../../platform/errors.js';
import {
  type MetaGraph,
  type SavedModel,
  SavedModelSchema,
  type TensorInfo,
} from './generated/saved-model-pb.js';
import { requireHarmless } from './harmless.js';

/** TensorFlow's numbers for types of tensors. @source tensorflow/core/framework/types.proto */
const FLOAT = 1;
const UINT8 = 4;
const TYPE_NAMES: Readonly<Record<number, string>> = { [FLOAT]: 'float32', [UINT8]: 'uint8', 7: 'string' };

/** An input or output of the signature. */
export interface SavedModelPort {
  /** What the signature calls it. */
  readonly name: string;
  /** `<node>:<output>` */
  readonly tensor: string;
  readonly type: 'float32' | 'uint8';
  /** With the rows in front; -1 for sizes that are not fixed; undefined for an unknown rank. */
  readonly dims: readonly number[] | undefined;
}

/** The structure of a SavedModel, without its variables. */
export interface SavedModelInfo {
  readonly tags: readonly string[];
  readonly signature: string;
  readonly input: SavedModelPort;
  readonly outputs: readonly SavedModelPort[];
  readonly graph: MetaGraph;
}

/** Reads saved_model.pb. Refuses a graph with an operation that runs code or accesses files.
 * @throws FoveaError `model_invalid` */
export function readSavedModel(bytes: Uint8Array): SavedModelInfo {
  const { metaGraphs } = decode(bytes);
  const graph = metaGraphs.find(({ metaInfoDef }) => metaInfoDef?.tags.join() === 'serve') ?? metaGraphs[0];
  if (graph === undefined) throw invalid('saved_model.pb holds no graph.');
  requireHarmless(graph);
  const signature = signatureOf(graph);
  const { inputs, outputs } = graph.signatureDef[signature] ?? { inputs: {}, outputs: {} };
  const [input, second] = Object.entries(inputs);
  if (input === undefined || second !== undefined)
    throw invalid(
      `The signature ${signature} has ${Object.keys(inputs).length} inputs, not one: export one that takes the images alone.`,
    );
  return {
    tags: graph.metaInfoDef?.tags ?? [],
    signature,
    input: portOf(input),
    outputs: Object.entries(outputs).map(portOf),
    graph,
  };
}

/** TensorFlow's default, Keras' own, or the only one. */
function signatureOf({ signatureDef }: MetaGraph): string {
  const names = Object.keys(signatureDef).filter((name) => !name.startsWith('__'));
  const found = ['serving_default', 'serve'].find((name) => names.includes(name));
  if (found !== undefined) return found;
  const [only, second] = names;
  if (only === undefined || second !== undefined)
    throw invalid(
      `The SavedModel has no signature serving_default; it has ${names.join(', ') || 'none'}: export it with one.`,
    );
  return only;
}

function portOf([name, { name: tensor, dtype, tensorShape }]: [string, TensorInfo]): SavedModelPort {
  if (dtype !== FLOAT && dtype !== UINT8)
    throw invalid(
      `${name} of the SavedModel has the type ${TYPE_NAMES[dtype] ?? `number ${dtype}`}: Fovea gives float32 or uint8 pixels and takes float32. Export a signature that has them.`,
    );
  const dims = tensorShape === undefined || tensorShape.unknownRank ? undefined : tensorShape.dim;
  return {
    name,
    tensor,
    type: dtype === UINT8 ? 'uint8' : 'float32',
    dims: dims?.map(({ size }) => Number(size)),
  };
}

function decode(bytes: Uint8Array): SavedModel {
  try {
    return fromBinary(SavedModelSchema, bytes, { readUnknownFields: false });
  } catch (error) {
    throw new FoveaError('model_invalid', 'saved_model.pb is no SavedModel, or is damaged.', {
      cause: error,
    });
  }
}

function invalid(message: string): FoveaError {
  return new FoveaError('model_invalid', message);
}
