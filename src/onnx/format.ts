import protobuf from 'protobufjs';
import type { DetectorOperator, OperatorName } from './operators.js';

/**
 * The part of ONNX's protobuf messages that a network of ours needs (onnx/onnx.proto, proto2). A file from outside may
 * have no other field: see `scan.ts`.
 */
const SCHEMA = `
syntax = "proto2";
message ModelProto {
  optional int64 ir_version = 1; optional string producer_name = 2; optional string producer_version = 3;
  optional GraphProto graph = 7; repeated OperatorSetId opset_import = 8; repeated Entry metadata_props = 14;
}
message OperatorSetId { optional string domain = 1; optional int64 version = 2; }
message Entry { optional string key = 1; optional string value = 2; }
message GraphProto {
  repeated NodeProto node = 1; optional string name = 2; repeated TensorProto initializer = 5;
  repeated ValueInfo input = 11; repeated ValueInfo output = 12;
}
message NodeProto {
  repeated string input = 1; repeated string output = 2; optional string name = 3; optional string op_type = 4;
  repeated Attribute attribute = 5;
}
message Attribute {
  optional string name = 1; optional float f = 2; optional int64 i = 3; repeated int64 ints = 8;
  optional int32 type = 20;
}
message TensorProto {
  repeated int64 dims = 1; optional int32 data_type = 2; optional string name = 8; optional bytes raw_data = 9;
}
message ValueInfo { optional string name = 1; optional TypeProto type = 2; }
message TypeProto { optional TensorType tensor_type = 1; }
message TensorType { optional int32 elem_type = 1; optional TensorShape shape = 2; }
message TensorShape { repeated Dimension dim = 1; }
message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
`;

/** ONNX's numbers for the element types used here (TensorProto.DataType). */
export const ElementType = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;
export type ElementType = (typeof ElementType)[keyof typeof ElementType];

/** Newest operators used: HardSwish came with 14. Version 17 and its file version are read since ONNX Runtime 1.12. */
export const OPSET = 17;
const IR_VERSION = 8;

export type Attribute =
  | { readonly name: string; readonly type: 1; readonly f: number }
  | { readonly name: string; readonly type: 2; readonly i: number }
  | { readonly name: string; readonly type: 7; readonly ints: readonly number[] };

export const attribute = {
  float: (name: string, f: number): Attribute => ({ name, type: 1, f }),
  integer: (name: string, i: number): Attribute => ({ name, type: 2, i }),
  integers: (name: string, ints: readonly number[]): Attribute => ({ name, type: 7, ints }),
};

export interface NodeProto {
  readonly name: string;
  readonly opType: OperatorName | DetectorOperator;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly Attribute[];
}

export interface TensorProto {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: ElementType;
  readonly rawData: Uint8Array;
}

/** A name with element type and shape; a dimension that is text is free. Of an output the shape may be left out. */
export interface ValueInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly shape?: readonly (number | string)[];
}

export interface ModelParts {
  readonly version: string;
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly metadata: Readonly<Record<string, string>>;
}

let modelProto: protobuf.Type | undefined;

/** The message that a file is, with all that it holds. */
export function modelType(): protobuf.Type {
  return (modelProto ??= protobuf.parse(SCHEMA).root.resolveAll().lookupType('ModelProto'));
}

/** The bytes of an `.onnx` file. */
export function encodeModel(parts: ModelParts): Uint8Array {
  const type = modelType();
  const message = type.create({
    irVersion: IR_VERSION,
    producerName: 'platform-nas',
    producerVersion: parts.version,
    graph: {
      name: 'network',
      node: parts.nodes,
      initializer: parts.initializers,
      input: parts.inputs.map(valueInfo),
      output: parts.outputs.map(valueInfo),
    },
    opsetImport: [{ domain: '', version: OPSET }],
    metadataProps: Object.entries(parts.metadata).map(([key, value]) => ({ key, value })),
  });
  return type.encode(message).finish();
}

function valueInfo({ name, type, shape }: ValueInfo) {
  const dim = shape?.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: type, ...(dim && { shape: { dim } }) } } };
}
