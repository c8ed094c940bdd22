import type { Pool } from '../../pool/index.js';
import type { ArtifactStore } from '../artifacts/store.js';

/** What a task is done with. */
export interface TaskParts {
  readonly pool: Pool;
  readonly checkpoints: string;
  readonly artifacts: ArtifactStore;
  readonly name: string;
  readonly log: (line: string) => void;
}
