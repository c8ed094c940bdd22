/** ONNX files: the part of the format that networks of ours use, written and, where a file comes from outside, checked. */
export {
  attribute,
  ElementType,
  encodeModel,
  type Attribute,
  type NodeProto,
  type TensorProto,
  type ValueInfo,
} from './format.js';
export { checkModel, type ModelBounds } from './check.js';
export { OPERATOR_NAMES, type OperatorName } from './operators.js';
