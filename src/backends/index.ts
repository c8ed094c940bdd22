/** Who executes networks: tensorflow/ (compiled steps through tfjs-node-gpu's binding) and reference/ (tfjs on the CPU, for tests). */
export type * from './backend.js';
