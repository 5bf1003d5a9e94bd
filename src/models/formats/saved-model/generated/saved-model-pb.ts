// What `buf generate` with protoc-gen-es 2.17.0 makes of ../saved-model.proto.
// The part of TensorFlow's saved_model.proto that Fovea reads; unknown fields are skipped.
// `generated/saved-model-pb.ts` is what `buf generate` makes of it with protoc-gen-es 2.17.0 (target=ts, import_extension=js).
// @source tensorflow/core/protobuf/{saved_model,meta_graph,saver}.proto, tensorflow/core/framework/{graph,function,attr_value}.proto


import type { GenFile, GenMessage } from "@bufbuild/protobuf/codegenv2";
import { fileDesc, messageDesc } from "@bufbuild/protobuf/codegenv2";
import type { Message } from "@bufbuild/protobuf";

/**
 * Describes the file saved-model.proto.
 */
export const file_saved_model: GenFile = /*@__PURE__*/
  fileDesc("ChFzYXZlZC1tb2RlbC5wcm90bxIRZm92ZWEuc2F2ZWRfbW9kZWwiPwoKU2F2ZWRNb2RlbBIxCgttZXRhX2dyYXBocxgCIAMoCzIcLmZvdmVhLnNhdmVkX21vZGVsLk1ldGFHcmFwaCKzAgoJTWV0YUdyYXBoEjIKDW1ldGFfaW5mb19kZWYYASABKAsyGy5mb3ZlYS5zYXZlZF9tb2RlbC5NZXRhSW5mbxIrCglncmFwaF9kZWYYAiABKAsyGC5mb3ZlYS5zYXZlZF9tb2RlbC5HcmFwaBIrCglzYXZlcl9kZWYYAyABKAsyGC5mb3ZlYS5zYXZlZF9tb2RlbC5TYXZlchJFCg1zaWduYXR1cmVfZGVmGAUgAygLMi4uZm92ZWEuc2F2ZWRfbW9kZWwuTWV0YUdyYXBoLlNpZ25hdHVyZURlZkVudHJ5GlEKEVNpZ25hdHVyZURlZkVudHJ5EgsKA2tleRgBIAEoCRIrCgV2YWx1ZRgCIAEoCzIcLmZvdmVhLnNhdmVkX21vZGVsLlNpZ25hdHVyZToCOAEiGAoITWV0YUluZm8SDAoEdGFncxgEIAMoCSIgCgVTYXZlchIXCg9yZXN0b3JlX29wX25hbWUYAyABKAkiWwoFR3JhcGgSJQoEbm9kZRgBIAMoCzIXLmZvdmVhLnNhdmVkX21vZGVsLk5vZGUSKwoHbGlicmFyeRgCIAEoCzIaLmZvdmVhLnNhdmVkX21vZGVsLkxpYnJhcnkiqwEKBE5vZGUSDAoEbmFtZRgBIAEoCRIKCgJvcBgCIAEoCRINCgVpbnB1dBgDIAMoCRIvCgRhdHRyGAUgAygLMiEuZm92ZWEuc2F2ZWRfbW9kZWwuTm9kZS5BdHRyRW50cnkaSQoJQXR0ckVudHJ5EgsKA2tleRgBIAEoCRIrCgV2YWx1ZRgCIAEoCzIcLmZvdmVhLnNhdmVkX21vZGVsLkF0dHJpYnV0ZToCOAEiXQoJQXR0cmlidXRlEiUKBGxpc3QYASABKAsyFy5mb3ZlYS5zYXZlZF9tb2RlbC5MaXN0EikKBGZ1bmMYCiABKAsyGy5mb3ZlYS5zYXZlZF9tb2RlbC5GdW5jdGlvbiIxCgRMaXN0EikKBGZ1bmMYCSADKAsyGy5mb3ZlYS5zYXZlZF9tb2RlbC5GdW5jdGlvbiIYCghGdW5jdGlvbhIMCgRuYW1lGAEgASgJIjwKB0xpYnJhcnkSMQoIZnVuY3Rpb24YASADKAsyHy5mb3ZlYS5zYXZlZF9tb2RlbC5GdW5jdGlvbkJvZHkizQEKDEZ1bmN0aW9uQm9keRIvCglzaWduYXR1cmUYASABKAsyHC5mb3ZlYS5zYXZlZF9tb2RlbC5PcGVyYXRpb24SKQoIbm9kZV9kZWYYAyADKAsyFy5mb3ZlYS5zYXZlZF9tb2RlbC5Ob2RlEjUKA3JldBgEIAMoCzIoLmZvdmVhLnNhdmVkX21vZGVsLkZ1bmN0aW9uQm9keS5SZXRFbnRyeRoqCghSZXRFbnRyeRILCgNrZXkYASABKAkSDQoFdmFsdWUYAiABKAk6AjgBIkoKCU9wZXJhdGlvbhIMCgRuYW1lGAEgASgJEi8KCm91dHB1dF9hcmcYAyADKAsyGy5mb3ZlYS5zYXZlZF9tb2RlbC5Bcmd1bWVudCIYCghBcmd1bWVudBIMCgRuYW1lGAEgASgJIp4CCglTaWduYXR1cmUSOAoGaW5wdXRzGAEgAygLMiguZm92ZWEuc2F2ZWRfbW9kZWwuU2lnbmF0dXJlLklucHV0c0VudHJ5EjoKB291dHB1dHMYAiADKAsyKS5mb3ZlYS5zYXZlZF9tb2RlbC5TaWduYXR1cmUuT3V0cHV0c0VudHJ5GkwKC0lucHV0c0VudHJ5EgsKA2tleRgBIAEoCRIsCgV2YWx1ZRgCIAEoCzIdLmZvdmVhLnNhdmVkX21vZGVsLlRlbnNvckluZm86AjgBGk0KDE91dHB1dHNFbnRyeRILCgNrZXkYASABKAkSLAoFdmFsdWUYAiABKAsyHS5mb3ZlYS5zYXZlZF9tb2RlbC5UZW5zb3JJbmZvOgI4ASJZCgpUZW5zb3JJbmZvEgwKBG5hbWUYASABKAkSDQoFZHR5cGUYAiABKAUSLgoMdGVuc29yX3NoYXBlGAMgASgLMhguZm92ZWEuc2F2ZWRfbW9kZWwuU2hhcGUiSAoFU2hhcGUSKQoDZGltGAIgAygLMhwuZm92ZWEuc2F2ZWRfbW9kZWwuRGltZW5zaW9uEhQKDHVua25vd25fcmFuaxgDIAEoCCIZCglEaW1lbnNpb24SDAoEc2l6ZRgBIAEoA2IGcHJvdG8z");

/**
 * @generated from message fovea.saved_model.SavedModel
 */
export type SavedModel = Message<"fovea.saved_model.SavedModel"> & {
  /**
   * @generated from field: repeated fovea.saved_model.MetaGraph meta_graphs = 2;
   */
  metaGraphs: MetaGraph[];
};

/**
 * Describes the message fovea.saved_model.SavedModel.
 * Use `create(SavedModelSchema)` to create a new message.
 */
export const SavedModelSchema: GenMessage<SavedModel> = /*@__PURE__*/
  messageDesc(file_saved_model, 0);

/**
 * @generated from message fovea.saved_model.MetaGraph
 */
export type MetaGraph = Message<"fovea.saved_model.MetaGraph"> & {
  /**
   * @generated from field: fovea.saved_model.MetaInfo meta_info_def = 1;
   */
  metaInfoDef?: MetaInfo | undefined;

  /**
   * @generated from field: fovea.saved_model.Graph graph_def = 2;
   */
  graphDef?: Graph | undefined;

  /**
   * @generated from field: fovea.saved_model.Saver saver_def = 3;
   */
  saverDef?: Saver | undefined;

  /**
   * @generated from field: map<string, fovea.saved_model.Signature> signature_def = 5;
   */
  signatureDef: { [key: string]: Signature };
};

/**
 * Describes the message fovea.saved_model.MetaGraph.
 * Use `create(MetaGraphSchema)` to create a new message.
 */
export const MetaGraphSchema: GenMessage<MetaGraph> = /*@__PURE__*/
  messageDesc(file_saved_model, 1);

/**
 * @generated from message fovea.saved_model.MetaInfo
 */
export type MetaInfo = Message<"fovea.saved_model.MetaInfo"> & {
  /**
   * @generated from field: repeated string tags = 4;
   */
  tags: string[];
};

/**
 * Describes the message fovea.saved_model.MetaInfo.
 * Use `create(MetaInfoSchema)` to create a new message.
 */
export const MetaInfoSchema: GenMessage<MetaInfo> = /*@__PURE__*/
  messageDesc(file_saved_model, 2);

/**
 * @generated from message fovea.saved_model.Saver
 */
export type Saver = Message<"fovea.saved_model.Saver"> & {
  /**
   * @generated from field: string restore_op_name = 3;
   */
  restoreOpName: string;
};

/**
 * Describes the message fovea.saved_model.Saver.
 * Use `create(SaverSchema)` to create a new message.
 */
export const SaverSchema: GenMessage<Saver> = /*@__PURE__*/
  messageDesc(file_saved_model, 3);

/**
 * @generated from message fovea.saved_model.Graph
 */
export type Graph = Message<"fovea.saved_model.Graph"> & {
  /**
   * @generated from field: repeated fovea.saved_model.Node node = 1;
   */
  node: Node[];

  /**
   * @generated from field: fovea.saved_model.Library library = 2;
   */
  library?: Library | undefined;
};

/**
 * Describes the message fovea.saved_model.Graph.
 * Use `create(GraphSchema)` to create a new message.
 */
export const GraphSchema: GenMessage<Graph> = /*@__PURE__*/
  messageDesc(file_saved_model, 4);

/**
 * @generated from message fovea.saved_model.Node
 */
export type Node = Message<"fovea.saved_model.Node"> & {
  /**
   * @generated from field: string name = 1;
   */
  name: string;

  /**
   * @generated from field: string op = 2;
   */
  op: string;

  /**
   * @generated from field: repeated string input = 3;
   */
  input: string[];

  /**
   * @generated from field: map<string, fovea.saved_model.Attribute> attr = 5;
   */
  attr: { [key: string]: Attribute };
};

/**
 * Describes the message fovea.saved_model.Node.
 * Use `create(NodeSchema)` to create a new message.
 */
export const NodeSchema: GenMessage<Node> = /*@__PURE__*/
  messageDesc(file_saved_model, 5);

/**
 * @generated from message fovea.saved_model.Attribute
 */
export type Attribute = Message<"fovea.saved_model.Attribute"> & {
  /**
   * @generated from field: fovea.saved_model.List list = 1;
   */
  list?: List | undefined;

  /**
   * @generated from field: fovea.saved_model.Function func = 10;
   */
  func?: Function | undefined;
};

/**
 * Describes the message fovea.saved_model.Attribute.
 * Use `create(AttributeSchema)` to create a new message.
 */
export const AttributeSchema: GenMessage<Attribute> = /*@__PURE__*/
  messageDesc(file_saved_model, 6);

/**
 * @generated from message fovea.saved_model.List
 */
export type List = Message<"fovea.saved_model.List"> & {
  /**
   * @generated from field: repeated fovea.saved_model.Function func = 9;
   */
  func: Function[];
};

/**
 * Describes the message fovea.saved_model.List.
 * Use `create(ListSchema)` to create a new message.
 */
export const ListSchema: GenMessage<List> = /*@__PURE__*/
  messageDesc(file_saved_model, 7);

/**
 * @generated from message fovea.saved_model.Function
 */
export type Function = Message<"fovea.saved_model.Function"> & {
  /**
   * @generated from field: string name = 1;
   */
  name: string;
};

/**
 * Describes the message fovea.saved_model.Function.
 * Use `create(FunctionSchema)` to create a new message.
 */
export const FunctionSchema: GenMessage<Function> = /*@__PURE__*/
  messageDesc(file_saved_model, 8);

/**
 * @generated from message fovea.saved_model.Library
 */
export type Library = Message<"fovea.saved_model.Library"> & {
  /**
   * @generated from field: repeated fovea.saved_model.FunctionBody function = 1;
   */
  function: FunctionBody[];
};

/**
 * Describes the message fovea.saved_model.Library.
 * Use `create(LibrarySchema)` to create a new message.
 */
export const LibrarySchema: GenMessage<Library> = /*@__PURE__*/
  messageDesc(file_saved_model, 9);

/**
 * @generated from message fovea.saved_model.FunctionBody
 */
export type FunctionBody = Message<"fovea.saved_model.FunctionBody"> & {
  /**
   * @generated from field: fovea.saved_model.Operation signature = 1;
   */
  signature?: Operation | undefined;

  /**
   * @generated from field: repeated fovea.saved_model.Node node_def = 3;
   */
  nodeDef: Node[];

  /**
   * @generated from field: map<string, string> ret = 4;
   */
  ret: { [key: string]: string };
};

/**
 * Describes the message fovea.saved_model.FunctionBody.
 * Use `create(FunctionBodySchema)` to create a new message.
 */
export const FunctionBodySchema: GenMessage<FunctionBody> = /*@__PURE__*/
  messageDesc(file_saved_model, 10);

/**
 * @generated from message fovea.saved_model.Operation
 */
export type Operation = Message<"fovea.saved_model.Operation"> & {
  /**
   * @generated from field: string name = 1;
   */
  name: string;

  /**
   * @generated from field: repeated fovea.saved_model.Argument output_arg = 3;
   */
  outputArg: Argument[];
};

/**
 * Describes the message fovea.saved_model.Operation.
 * Use `create(OperationSchema)` to create a new message.
 */
export const OperationSchema: GenMessage<Operation> = /*@__PURE__*/
  messageDesc(file_saved_model, 11);

/**
 * @generated from message fovea.saved_model.Argument
 */
export type Argument = Message<"fovea.saved_model.Argument"> & {
  /**
   * @generated from field: string name = 1;
   */
  name: string;
};

/**
 * Describes the message fovea.saved_model.Argument.
 * Use `create(ArgumentSchema)` to create a new message.
 */
export const ArgumentSchema: GenMessage<Argument> = /*@__PURE__*/
  messageDesc(file_saved_model, 12);

/**
 * @generated from message fovea.saved_model.Signature
 */
export type Signature = Message<"fovea.saved_model.Signature"> & {
  /**
   * @generated from field: map<string, fovea.saved_model.TensorInfo> inputs = 1;
   */
  inputs: { [key: string]: TensorInfo };

  /**
   * @generated from field: map<string, fovea.saved_model.TensorInfo> outputs = 2;
   */
  outputs: { [key: string]: TensorInfo };
};

/**
 * Describes the message fovea.saved_model.Signature.
 * Use `create(SignatureSchema)` to create a new message.
 */
export const SignatureSchema: GenMessage<Signature> = /*@__PURE__*/
  messageDesc(file_saved_model, 13);

/**
 * @generated from message fovea.saved_model.TensorInfo
 */
export type TensorInfo = Message<"fovea.saved_model.TensorInfo"> & {
  /**
   * @generated from field: string name = 1;
   */
  name: string;

  /**
   * @generated from field: int32 dtype = 2;
   */
  dtype: number;

  /**
   * @generated from field: fovea.saved_model.Shape tensor_shape = 3;
   */
  tensorShape?: Shape | undefined;
};

/**
 * Describes the message fovea.saved_model.TensorInfo.
 * Use `create(TensorInfoSchema)` to create a new message.
 */
export const TensorInfoSchema: GenMessage<TensorInfo> = /*@__PURE__*/
  messageDesc(file_saved_model, 14);

/**
 * @generated from message fovea.saved_model.Shape
 */
export type Shape = Message<"fovea.saved_model.Shape"> & {
  /**
   * @generated from field: repeated fovea.saved_model.Dimension dim = 2;
   */
  dim: Dimension[];

  /**
   * @generated from field: bool unknown_rank = 3;
   */
  unknownRank: boolean;
};

/**
 * Describes the message fovea.saved_model.Shape.
 * Use `create(ShapeSchema)` to create a new message.
 */
export const ShapeSchema: GenMessage<Shape> = /*@__PURE__*/
  messageDesc(file_saved_model, 15);

/**
 * @generated from message fovea.saved_model.Dimension
 */
export type Dimension = Message<"fovea.saved_model.Dimension"> & {
  /**
   * @generated from field: int64 size = 1;
   */
  size: bigint;
};

/**
 * Describes the message fovea.saved_model.Dimension.
 * Use `create(DimensionSchema)` to create a new message.
 */
export const DimensionSchema: GenMessage<Dimension> = /*@__PURE__*/
  messageDesc(file_saved_model, 16);

