import { checkpointsInUse } from '../../netadapt/index.js';
import { trainingStateName } from '../../pool/index.js';
import type { TrialReader, TrialRow } from '../../trials/index.js';
import { bestRows, type BestFor, type Targets } from './best-rows.js';
import { checkpointName } from './checkpoint-name.js';
import { specOf } from './studies.js';

export type KeptFor = BestFor | 'retrained' | 'in use';

/**
 * Names of the files in the checkpoints folder that stay, with why: of what is best on each device that the study has
 * latencies of, of retrained networks, and what unfinished work needs.
 * @param rows all of the study, where they are known already; so `latency`
 */
export function keptFiles(
  reader: TrialReader,
  rows: readonly TrialRow[] = reader.rows(),
  latency: Targets = specOf(reader).latency,
): ReadonlyMap<string, ReadonlySet<KeptFor>> {
  const keep = new Map<string, Set<KeptFor>>();
  const add = (checkpoint: string | null | undefined, reason: KeptFor): void => {
    if (checkpoint == null) return;
    keep.set(checkpoint, (keep.get(checkpoint) ?? new Set<KeptFor>()).add(reason));
  };
  for (const [row, reasons] of bestRows(rows, latency))
    for (const reason of reasons) if (row.kind !== 'retrain') add(row.checkpoint, reason);
  for (const row of rows)
    if (row.kind === 'retrain' && row.state === 'done') add(row.checkpoint, 'retrained');
  for (const row of rows)
    if (row.state === 'running') add(trainingStateName(checkpointName(row.trial)), 'in use');
  for (const name of checkpointsInUse(reader, rows)) add(name, 'in use');
  return keep;
}
