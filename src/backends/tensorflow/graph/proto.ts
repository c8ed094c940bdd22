import protobuf from 'protobufjs';

/**
 * The part of TensorFlow's protobuf messages that a SavedModel without variables needs, and of those that choose its
 * optimisers (tensorflow/core/framework and core/protobuf).
 */
const SCHEMA = `
syntax = "proto3";
message SavedModel { int64 saved_model_schema_version = 1; repeated MetaGraphDef meta_graphs = 2; }
message MetaGraphDef {
  MetaInfoDef meta_info_def = 1; GraphDef graph_def = 2; map<string, SignatureDef> signature_def = 5;
}
message SignatureDef { map<string, TensorInfo> inputs = 1; map<string, TensorInfo> outputs = 2; string method_name = 3; }
message TensorInfo { string name = 1; int32 dtype = 2; TensorShape tensor_shape = 3; }
message MetaInfoDef { repeated string tags = 4; }
message GraphDef { repeated NodeDef node = 1; FunctionDefLibrary library = 2; VersionDef versions = 4; }
message FunctionDefLibrary { repeated FunctionDef function = 1; }
message FunctionDef {
  OpDef signature = 1; repeated NodeDef node_def = 3; map<string, string> ret = 4; map<string, AttrValue> attr = 5;
}
message OpDef { string name = 1; repeated ArgDef input_arg = 2; repeated ArgDef output_arg = 3; bool is_stateful = 17; }
message ArgDef { string name = 1; int32 type = 3; }
message VersionDef { int32 producer = 1; }
message NodeDef {
  string name = 1; string op = 2; repeated string input = 3; string device = 4;
  map<string, AttrValue> attr = 5;
}
message AttrValue {
  oneof value {
    ListValue list = 1; bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6;
    TensorShape shape = 7; Tensor tensor = 8; NameAttrList func = 10;
  }
}
message ListValue { repeated int64 i = 3; repeated int32 type = 6; repeated NameAttrList func = 9; }
message NameAttrList { string name = 1; }
message TensorShape { repeated Dim dim = 2; }
message Dim { int64 size = 1; }
message Tensor {
  int32 dtype = 1; TensorShape tensor_shape = 2; bytes tensor_content = 4; repeated bytes string_val = 8;
}
message ConfigProto { GraphOptions graph_options = 10; }
message GraphOptions { RewriterConfig rewrite_options = 10; }
message RewriterConfig {
  int32 layout_optimizer = 1; bool disable_model_pruning = 2; int32 constant_folding = 3; int32 memory_optimization = 4;
  int32 arithmetic_optimization = 7; int32 dependency_optimization = 8; int32 loop_optimization = 9;
  int32 function_optimization = 10; int32 debug_stripper = 11; int32 meta_optimizer_iterations = 12;
  int32 shape_optimization = 13; int32 remapping = 14; int32 scoped_allocator_optimization = 15;
  int32 pin_to_host_optimization = 18; bool disable_meta_optimizer = 19; int32 implementation_selector = 22;
  int32 common_subgraph_elimination = 24;
}
`;

/** TensorFlow's numbers for the element types used here (types.proto). */
export const DType = { float: 1, int32: 3, uint8: 4, string: 7, bool: 10 } as const;
export type DType = (typeof DType)[keyof typeof DType];

interface TensorShape {
  readonly dim: readonly { readonly size: number }[];
}

/** One attribute of a node, as protobufjs wants it. */
export type Attribute =
  | { readonly list: { readonly i: readonly number[] } }
  | { readonly list: { readonly type: readonly DType[] } }
  | { readonly list: { readonly func: readonly { readonly name: string }[] } }
  | { readonly func: { readonly name: string } }
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
    }
  | {
      readonly tensor: {
        readonly dtype: number;
        readonly tensorShape: TensorShape;
        readonly stringVal: Uint8Array[];
      };
    };

export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, Attribute>>;
}

/** A function of a graph's library. Inputs of its nodes are `argument` or `node:output name:index`. */
export interface FunctionDef {
  readonly signature: {
    readonly name: string;
    readonly inputArg: readonly ArgDef[];
    readonly outputArg: readonly ArgDef[];
    readonly isStateful: boolean;
  };
  readonly nodeDef: readonly NodeDef[];
  /** What each output is. */
  readonly ret: Readonly<Record<string, string>>;
  readonly attr: Readonly<Record<string, Attribute>>;
}

export interface ArgDef {
  readonly name: string;
  readonly type: DType;
}

/** A graph's nodes with the functions that they call. */
export interface GraphDef {
  readonly nodes: readonly NodeDef[];
  readonly library?: readonly FunctionDef[];
}

/** Version of the graph format that the nodes are written in; TensorFlow 2.21 is at this one. */
const PRODUCER = 1882;
export const TAG = 'serve';

let messages: protobuf.Root | undefined;

function message(name: string, content: object): Uint8Array {
  messages ??= protobuf.parse(SCHEMA).root;
  const type = messages.lookupType(name);
  return type.encode(type.create(content)).finish();
}

/** The ends of a graph: by node, the shape of its first result, −1 for a free dimension. */
export interface Signature {
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
}

/** The bytes of `saved_model.pb` for a graph, with a signature `serving_default` of float32 where one is given. */
export function encodeSavedModel({ nodes, library = [] }: GraphDef, signature?: Signature): Uint8Array {
  const graphDef = { node: nodes, library: { function: library }, versions: { producer: PRODUCER } };
  return message('SavedModel', {
    savedModelSchemaVersion: 1,
    metaGraphs: [{ metaInfoDef: { tags: [TAG] }, graphDef, ...signatureDef(signature) }],
  });
}

function signatureDef(signature: Signature | undefined) {
  if (signature === undefined) return {};
  const tensors = (ends: Signature['inputs']) =>
    Object.fromEntries(
      Object.entries(ends).map(([name, shape]) => [
        name,
        { name: `${name}:0`, dtype: DType.float, tensorShape: shapeOf(shape) },
      ]),
    );
  const [inputs, outputs] = [tensors(signature.inputs), tensors(signature.outputs)];
  const served = { inputs, outputs, methodName: 'tensorflow/serving/predict' };
  return { signatureDef: { serving_default: served } };
}

/** Passes of TensorFlow's graph optimiser, as `RewriterConfig` names them. */
export type Optimiser = 'arithmeticOptimization' | 'remapping';

/** The bytes of a `ConfigProto` that has a graph optimised, once, by these passes only. */
export function encodeConfig(optimisers: readonly Optimiser[]): Uint8Array {
  const [on, off] = [1, 2];
  const passes =
    optimisers.length === 0
      ? { disableMetaOptimizer: true }
      : {
          layoutOptimizer: off,
          disableModelPruning: true,
          constantFolding: off,
          memoryOptimization: 1,
          arithmeticOptimization: off,
          dependencyOptimization: off,
          loopOptimization: off,
          functionOptimization: off,
          debugStripper: off,
          metaOptimizerIterations: 1,
          shapeOptimization: off,
          remapping: off,
          scopedAllocatorOptimization: off,
          pinToHostOptimization: off,
          implementationSelector: off,
          commonSubgraphElimination: off,
          ...Object.fromEntries(optimisers.map((name) => [name, on])),
        };
  return message('ConfigProto', { graphOptions: { rewriteOptions: passes } });
}

export const attribute = {
  type: (type: DType): Attribute => ({ type }),
  types: (type: readonly DType[]): Attribute => ({ list: { type } }),
  function: (name: string): Attribute => ({ func: { name } }),
  functions: (names: readonly string[]): Attribute => ({ list: { func: names.map((name) => ({ name })) } }),
  int: (i: number): Attribute => ({ i }),
  ints: (i: readonly number[]): Attribute => ({ list: { i } }),
  float: (f: number): Attribute => ({ f }),
  bool: (b: boolean): Attribute => ({ b }),
  text: (text: string): Attribute => ({ s: Buffer.from(text) }),
  bytes: (s: Uint8Array): Attribute => ({ s }),
  /** A scalar of text. */
  textTensor: (text: string): Attribute => ({
    tensor: { dtype: DType.string, tensorShape: shapeOf([]), stringVal: [Buffer.from(text)] },
  }),
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
