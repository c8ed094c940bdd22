/**
 * `nas setup`: brings TensorFlow's libraries out of its Python wheel and builds tfjs-node-gpu's binding against
 * them. Needs Python with pip, a C++ compiler and make; loads nothing native into this process.
 */
export { findMissing, missingError, type Environment, type Machine, type Missing } from './prerequisites.js';
export { cardProblem, inspectCards, type CardReport } from './card.js';
export type { Flavour } from './wheels.js';
export { fetchHeaders, nodeGyp } from './gyp.js';
export { nodeHeaders } from './headers.js';
export { readInstallation, type Installation } from './layout.js';
export { setupTensorflow, type SetupOptions, type SetupProgress, type SetupResult } from './setup.js';
export type { Verification } from './verify.js';
