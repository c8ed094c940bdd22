import { readController, type TrialReader } from '../../trials/index.js';
import type { ControllerView } from './view.js';

/** The series that the search noted; null for a strategy that has no probabilities. */
export function controllerView(reader: TrialReader): ControllerView | null {
  const history = readController(reader);
  if (history === undefined) return null;
  return {
    choices: history.choices,
    told: history.snapshots.map(({ told }) => told),
    probabilities: history.snapshots.map(({ probabilities }) => probabilities),
  };
}
