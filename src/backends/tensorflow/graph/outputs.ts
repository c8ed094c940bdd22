/**
 * Names of the outputs of TensorFlow's operations (tensorflow/core/ops), which the nodes of a function are referred to
 * by. One name for all outputs that are a list.
 */
const OUTPUTS: Readonly<Record<string, string | readonly string[]>> = {
  AddN: 'sum',
  AddV2: 'z',
  ArgMax: 'output',
  AvgPool: 'output',
  AvgPoolGrad: 'output',
  BiasAdd: 'output',
  BiasAddGrad: 'output',
  Bitcast: 'output',
  BroadcastTo: 'output',
  Cast: 'y',
  ConcatV2: 'output',
  Const: 'output',
  Conv2D: 'output',
  Conv2DBackpropFilter: 'output',
  Conv2DBackpropInput: 'output',
  DeepCopy: 'y',
  DepthwiseConv2dNative: 'output',
  DepthwiseConv2dNativeBackpropFilter: 'output',
  DepthwiseConv2dNativeBackpropInput: 'output',
  Equal: 'z',
  Fill: 'output',
  FusedBatchNormGradV3: [
    'x_backprop',
    'scale_backprop',
    'offset_backprop',
    'reserve_space_4',
    'reserve_space_5',
  ],
  FusedBatchNormV3: [
    'y',
    'batch_mean',
    'batch_variance',
    'reserve_space_1',
    'reserve_space_2',
    'reserve_space_3',
  ],
  GatherV2: 'output',
  GreaterEqual: 'z',
  Identity: 'output',
  MatMul: 'product',
  Maximum: 'z',
  Mean: 'output',
  Minimum: 'z',
  Mul: 'z',
  OneHot: 'output',
  Pack: 'output',
  Pad: 'output',
  ReadVariableOp: 'value',
  Relu: 'activations',
  Relu6: 'activations',
  Relu6Grad: 'backprops',
  ReluGrad: 'backprops',
  Reshape: 'output',
  ResourceGather: 'output',
  Rsqrt: 'y',
  Sigmoid: 'y',
  SigmoidGrad: 'z',
  Slice: 'output',
  SoftmaxCrossEntropyWithLogits: ['loss', 'backprop'],
  SplitV: 'output',
  StatefulPartitionedCall: 'output',
  StatelessRandomUniform: 'output',
  Sub: 'z',
  Sum: 'output',
  VarHandleOp: 'resource',
};

/** @throws RangeError for an operation that is not in the list */
export function outputName(op: string, index: number): string {
  const names = OUTPUTS[op];
  if (names === undefined) throw new RangeError(`outputs of ${op} are not known`);
  return typeof names === 'string' ? `${names}:${index}` : `${names[index] as string}:0`;
}
