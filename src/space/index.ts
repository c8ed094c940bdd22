/** Architectures as plain data, their text form, search spaces as lists of choices, presets, shapes and costs. */
export type * from './architecture/architecture.js';
export type * from './architecture/layer.js';
export type * from './search-space/search-space.js';
export { checkArchitecture, classesOf } from './architecture/check.js';
export { costsOf, layersOf, maddsOf, paramsOf, type Costs } from './architecture/layers.js';
export { padsOf } from './architecture/padding.js';
export { presetArchitecture, presetNames } from './presets/presets.js';
export { digestOf, formatArchitecture, parseArchitecture } from './architecture/text.js';
export { architectureFromJson, toJson } from './architecture/json.js';
export { searchSpace, spaceNames } from './search-space/spaces.js';
export { nearestGenome, type Nearest } from './search-space/nearest.js';
export { searchSpaceJsonSchema } from './search-space/definition.js';
export { spaceFileText, spaceFromFile, spaceFromYaml } from './search-space/user-space.js';
export {
  describeArchitecture,
  describeSpace,
  type ArchitectureDescription,
  type LayerDescription,
  type SpaceDescription,
} from './architecture/describe.js';
export {
  bottleneckGroups,
  withBottleneck,
  withClasses,
  withExpansion,
  withWidth,
  type BottleneckGroup,
} from './architecture/widths.js';
export { removableBlocks, withoutBlock } from './architecture/depth.js';
