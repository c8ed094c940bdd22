import type { Pool } from '../../pool/index.js';

/** A host with its folder of weights. */
export interface OpenHost extends AsyncDisposable {
  readonly pool: Pool;
  readonly checkpoints: string;
}
