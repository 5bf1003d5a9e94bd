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
  fileDesc("ChFzYXZlZC1tb2RlbC5wcm90bxIRZm92ZWEuc2F2ZWRfbW9kZWwiPwoKU2F2ZWRNb2RlbBIxCgttZXRhX2dyYXBocxgCIAMoCzIcLmZvdmVhLnNhdmVkX21vZGVsLk1ldGFHcmFwaCLRAwoJTWV0YUdyYXBoEjIKDW1ldGFfaW5mb19kZWYYASABKAsyGy5mb3ZlYS5zYXZlZF9tb2RlbC5NZXRhSW5mbxIrCglncmFwaF9kZWYYAiABKAsyGC5mb3ZlYS5zYXZlZF9tb2RlbC5HcmFwaBIrCglzYXZlcl9kZWYYAyABKAsyGC5mb3ZlYS5zYXZlZF9tb2RlbC5TYXZlchJHCg5jb2xsZWN0aW9uX2RlZhgEIAMoCzIvLmZvdmVhLnNhdmVkX21vZGVsLk1ldGFHcmFwaC5Db2xsZWN0aW9uRGVmRW50cnkSRQoNc2lnbmF0dXJlX2RlZhgFIAMoCzIuLmZvdmVhLnNhdmVkX21vZGVsLk1ldGFHcmFwaC5TaWduYXR1cmVEZWZFbnRyeRpTChJDb2xsZWN0aW9uRGVmRW50cnkSCwoDa2V5GAEgASgJEiwKBXZhbHVlGAIgASgLMh0uZm92ZWEuc2F2ZWRfbW9kZWwuQ29sbGVjdGlvbjoCOAEaUQoRU2lnbmF0dXJlRGVmRW50cnkSCwoDa2V5GAEgASgJEisKBXZhbHVlGAIgASgLMhwuZm92ZWEuc2F2ZWRfbW9kZWwuU2lnbmF0dXJlOgI4ASIYCghNZXRhSW5mbxIMCgR0YWdzGAQgAygJIjwKCkNvbGxlY3Rpb24SLgoJbm9kZV9saXN0GAEgASgLMhsuZm92ZWEuc2F2ZWRfbW9kZWwuTm9kZUxpc3QiGQoITm9kZUxpc3QSDQoFdmFsdWUYASADKAkiIAoFU2F2ZXISFwoPcmVzdG9yZV9vcF9uYW1lGAMgASgJIlsKBUdyYXBoEiUKBG5vZGUYASADKAsyFy5mb3ZlYS5zYXZlZF9tb2RlbC5Ob2RlEisKB2xpYnJhcnkYAiABKAsyGi5mb3ZlYS5zYXZlZF9tb2RlbC5MaWJyYXJ5IqsBCgROb2RlEgwKBG5hbWUYASABKAkSCgoCb3AYAiABKAkSDQoFaW5wdXQYAyADKAkSLwoEYXR0chgFIAMoCzIhLmZvdmVhLnNhdmVkX21vZGVsLk5vZGUuQXR0ckVudHJ5GkkKCUF0dHJFbnRyeRILCgNrZXkYASABKAkSKwoFdmFsdWUYAiABKAsyHC5mb3ZlYS5zYXZlZF9tb2RlbC5BdHRyaWJ1dGU6AjgBIl0KCUF0dHJpYnV0ZRIlCgRsaXN0GAEgASgLMhcuZm92ZWEuc2F2ZWRfbW9kZWwuTGlzdBIpCgRmdW5jGAogASgLMhsuZm92ZWEuc2F2ZWRfbW9kZWwuRnVuY3Rpb24iMQoETGlzdBIpCgRmdW5jGAkgAygLMhsuZm92ZWEuc2F2ZWRfbW9kZWwuRnVuY3Rpb24iGAoIRnVuY3Rpb24SDAoEbmFtZRgBIAEoCSI8CgdMaWJyYXJ5EjEKCGZ1bmN0aW9uGAEgAygLMh8uZm92ZWEuc2F2ZWRfbW9kZWwuRnVuY3Rpb25Cb2R5Is0BCgxGdW5jdGlvbkJvZHkSLwoJc2lnbmF0dXJlGAEgASgLMhwuZm92ZWEuc2F2ZWRfbW9kZWwuT3BlcmF0aW9uEikKCG5vZGVfZGVmGAMgAygLMhcuZm92ZWEuc2F2ZWRfbW9kZWwuTm9kZRI1CgNyZXQYBCADKAsyKC5mb3ZlYS5zYXZlZF9tb2RlbC5GdW5jdGlvbkJvZHkuUmV0RW50cnkaKgoIUmV0RW50cnkSCwoDa2V5GAEgASgJEg0KBXZhbHVlGAIgASgJOgI4ASJKCglPcGVyYXRpb24SDAoEbmFtZRgBIAEoCRIvCgpvdXRwdXRfYXJnGAMgAygLMhsuZm92ZWEuc2F2ZWRfbW9kZWwuQXJndW1lbnQiGAoIQXJndW1lbnQSDAoEbmFtZRgBIAEoCSKeAgoJU2lnbmF0dXJlEjgKBmlucHV0cxgBIAMoCzIoLmZvdmVhLnNhdmVkX21vZGVsLlNpZ25hdHVyZS5JbnB1dHNFbnRyeRI6CgdvdXRwdXRzGAIgAygLMikuZm92ZWEuc2F2ZWRfbW9kZWwuU2lnbmF0dXJlLk91dHB1dHNFbnRyeRpMCgtJbnB1dHNFbnRyeRILCgNrZXkYASABKAkSLAoFdmFsdWUYAiABKAsyHS5mb3ZlYS5zYXZlZF9tb2RlbC5UZW5zb3JJbmZvOgI4ARpNCgxPdXRwdXRzRW50cnkSCwoDa2V5GAEgASgJEiwKBXZhbHVlGAIgASgLMh0uZm92ZWEuc2F2ZWRfbW9kZWwuVGVuc29ySW5mbzoCOAEiWQoKVGVuc29ySW5mbxIMCgRuYW1lGAEgASgJEg0KBWR0eXBlGAIgASgFEi4KDHRlbnNvcl9zaGFwZRgDIAEoCzIYLmZvdmVhLnNhdmVkX21vZGVsLlNoYXBlIkgKBVNoYXBlEikKA2RpbRgCIAMoCzIcLmZvdmVhLnNhdmVkX21vZGVsLkRpbWVuc2lvbhIUCgx1bmtub3duX3JhbmsYAyABKAgiGQoJRGltZW5zaW9uEgwKBHNpemUYASABKANiBnByb3RvMw");

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
   * @generated from field: map<string, fovea.saved_model.Collection> collection_def = 4;
   */
  collectionDef: { [key: string]: Collection };

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
 * @generated from message fovea.saved_model.Collection
 */
export type Collection = Message<"fovea.saved_model.Collection"> & {
  /**
   * @generated from field: fovea.saved_model.NodeList node_list = 1;
   */
  nodeList?: NodeList | undefined;
};

/**
 * Describes the message fovea.saved_model.Collection.
 * Use `create(CollectionSchema)` to create a new message.
 */
export const CollectionSchema: GenMessage<Collection> = /*@__PURE__*/
  messageDesc(file_saved_model, 3);

/**
 * @generated from message fovea.saved_model.NodeList
 */
export type NodeList = Message<"fovea.saved_model.NodeList"> & {
  /**
   * @generated from field: repeated string value = 1;
   */
  value: string[];
};

/**
 * Describes the message fovea.saved_model.NodeList.
 * Use `create(NodeListSchema)` to create a new message.
 */
export const NodeListSchema: GenMessage<NodeList> = /*@__PURE__*/
  messageDesc(file_saved_model, 4);

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
  messageDesc(file_saved_model, 5);

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
  messageDesc(file_saved_model, 6);

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
  messageDesc(file_saved_model, 7);

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
  messageDesc(file_saved_model, 8);

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
  messageDesc(file_saved_model, 9);

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
  messageDesc(file_saved_model, 10);

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
  messageDesc(file_saved_model, 11);

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
  messageDesc(file_saved_model, 12);

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
  messageDesc(file_saved_model, 13);

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
  messageDesc(file_saved_model, 14);

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
  messageDesc(file_saved_model, 15);

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
  messageDesc(file_saved_model, 16);

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
  messageDesc(file_saved_model, 17);

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
  messageDesc(file_saved_model, 18);

