import type { TrialRow } from '../../trials/index.js';
import type { Points } from './view.js';

/** The rows as columns, by ascending trial. */
export function pointColumns(rows: readonly TrialRow[]): Points {
  const column = <K extends keyof TrialRow>(name: K): readonly TrialRow[K][] => rows.map((row) => row[name]);
  return {
    trial: column('trial'),
    state: column('state'),
    kind: column('kind'),
    parent: column('parent'),
    accuracy: column('accuracy'),
    latencyMs: column('latencyMs'),
    latencyLowMs: column('latencyLowMs'),
    latencyHighMs: column('latencyHighMs'),
    source: column('latencySource'),
    reward: column('reward'),
    params: column('params'),
    madds: column('madds'),
    seconds: column('seconds'),
    finishedAt: column('finishedAt'),
  };
}
