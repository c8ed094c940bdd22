import protobuf from 'protobufjs';

/** The part of TensorFlow's protobuf messages that a SavedModel without variables needs (tensorflow/core/protobuf). */
const SCHEMA = `
syntax = "proto3";
message SavedModel { int64 saved_model_schema_version = 1; repeated MetaGraphDef meta_graphs = 2; }
message MetaGraphDef { MetaInfoDef meta_info_def = 1; GraphDef graph_def = 2; }
message MetaInfoDef { repeated string tags = 4; }
message GraphDef { repeated NodeDef node = 1; VersionDef versions = 4; }
message VersionDef { int32 producer = 1; }
message NodeDef {
  string name = 1; string op = 2; repeated string input = 3; string device = 4;
  map<string, AttrValue> attr = 5;
}
message AttrValue {
  oneof value {
    ListValue list = 1; bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6;
    TensorShape shape = 7; Tensor tensor = 8;
  }
}
message ListValue { repeated int64 i = 3; }
message TensorShape { repeated Dim dim = 2; }
message Dim { int64 size = 1; }
message Tensor { int32 dtype = 1; TensorShape tensor_shape = 2; bytes tensor_content = 4; }
`;

/** TensorFlow's numbers for the element types used here (types.proto). */
export const DType = { float: 1, int32: 3, uint8: 4, bool: 10 } as const;
export type DType = (typeof DType)[keyof typeof DType];

interface TensorShape {
  readonly dim: readonly { readonly size: number }[];
}

/** One attribute of a node, as protobufjs wants it. */
export type Attribute =
  | { readonly list: { readonly i: readonly number[] } }
  | { readonly s: Uint8Array }
  | { readonly i: number }
  | { readonly f: number }
  | { readonly b: boolean }
  | { readonly type: number }
  | { readonly shape: TensorShape }
  | {
      readonly tensor: {
        readonly dtype: number;
        readonly tensorShape: TensorShape;
        readonly tensorContent: Uint8Array;
      };
    };

export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, Attribute>>;
}

/** Version of the graph format that the nodes are written in; TensorFlow 2.21 is at this one. */
const PRODUCER = 1882;
export const TAG = 'serve';

let savedModel: protobuf.Type | undefined;

/** The bytes of `saved_model.pb` for a graph. */
export function encodeSavedModel(nodes: readonly NodeDef[]): Uint8Array {
  savedModel ??= protobuf.parse(SCHEMA).root.lookupType('SavedModel');
  const message = savedModel.create({
    savedModelSchemaVersion: 1,
    metaGraphs: [
      { metaInfoDef: { tags: [TAG] }, graphDef: { node: nodes, versions: { producer: PRODUCER } } },
    ],
  });
  return savedModel.encode(message).finish();
}

export const attribute = {
  type: (type: DType): Attribute => ({ type }),
  int: (i: number): Attribute => ({ i }),
  ints: (i: readonly number[]): Attribute => ({ list: { i } }),
  float: (f: number): Attribute => ({ f }),
  bool: (b: boolean): Attribute => ({ b }),
  text: (text: string): Attribute => ({ s: Buffer.from(text) }),
  shape: (shape: readonly number[]): Attribute => ({ shape: shapeOf(shape) }),
  tensor: (
    dtype: DType,
    shape: readonly number[],
    values: Float32Array | Int32Array | Uint8Array,
  ): Attribute => ({
    tensor: {
      dtype,
      tensorShape: shapeOf(shape),
      tensorContent: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    },
  }),
};

function shapeOf(shape: readonly number[]): TensorShape {
  return { dim: shape.map((size) => ({ size })) };
}
