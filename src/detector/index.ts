/** RT-DETR around a backbone: its parts, their parameters, and GFLOPs as Ultralytics counts them. */
export { backboneOf, LEVELS, type Backbone, type Feature } from './backbone.js';
export {
  describeDetector,
  type DetectorDescription,
  type DetectorLatency,
  type DetectorPart,
  type PartLatency,
} from './detector.js';
export { hgnetL, RTDETR_L } from './hgnet.js';
export { withHalfLastStage, withoutLastExpansion } from './last-stage.js';
export { checkDetectorInput, DEFAULT_SIZES, type DetectorSizes } from './sizes.js';
