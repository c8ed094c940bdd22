/** Architectures as plain data, their text form, search spaces as lists of choices, presets, shapes and costs. */
export type * from './architecture.js';
export type * from './layer.js';
export type * from './search-space.js';
export { checkArchitecture, classesOf } from './check.js';
export { layersOf, maddsOf, paramsOf } from './layers.js';
export { presetArchitecture, presetNames } from './presets.js';
export { digestOf, formatArchitecture, parseArchitecture } from './text.js';
export { architectureFromJson, toJson } from './json.js';
export { searchSpace, spaceNames } from './space.js';
export { searchSpaceJsonSchema } from './definition.js';
export { spaceFileText, spaceFromFile, spaceFromYaml } from './user-space.js';
export {
  describeArchitecture,
  describeSpace,
  type ArchitectureDescription,
  type LayerDescription,
  type SpaceDescription,
} from './describe.js';
export { bottleneckGroups, withBottleneck, withExpansion, type BottleneckGroup } from './widths.js';
