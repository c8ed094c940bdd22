/** Architectures as plain data, their text form, search spaces as lists of choices, presets, shapes and costs. */
export type * from './architecture.js';
export type * from './layer.js';
export type * from './search-space.js';
