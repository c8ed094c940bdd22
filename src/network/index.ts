/** An architecture as layers and parameters; start weights, folding, surgery (keep these filters), weight files. */
export type * from './network.js';
