/** An architecture as layers and parameters; start weights, folding, surgery (keep these filters), weight files. */
export type * from './network.js';
export { buildNetwork, networkOf } from './build.js';
export { featureMaps, neededLayers, networkUpTo, stridesOf, type FeatureMap } from './features.js';
export { fold } from './fold.js';
export {
  foreignWeights,
  libraryOf,
  type ForeignOptions,
  type ForeignWeights,
} from './foreign/foreign-weights.js';
export { LIBRARY_NAMES, type LibraryName } from './foreign/libraries.js';
export { keptChannels } from './channels.js';
export { importanceOf, type FilterCriterion } from './importance.js';
export { initialWeights } from './init.js';
export { assertWeights, numbers } from './numbers.js';
export { encodeTensors, readFloats, type NamedNumbers } from './safetensors.js';
export { removeBlock } from './remove-block.js';
export { shrink, type Surgery } from './shrink.js';
export { decodeWeights, encodeWeights, isOwnWeights, textOfWeights } from './weights-file.js';
export { parseHeader } from './weights-header.js';
