import { bindingMs, type Trial, type TrialReader, type TrialRow } from '../trials/index.js';
import { noteKey, stateFromJson, type RefineState } from './state.js';

/**
 * Checkpoints that a refinement of this study needs to resume: of the latest network of each lineage that has not met its
 * target, of the step's proposals that were tried already, and of the parents of unfinished trials.
 * @param rows all of the study, where they are known already
 */
export function checkpointsInUse(
  reader: TrialReader,
  rows: readonly TrialRow[] = reader.rows(),
): ReadonlySet<string> {
  const byId = new Map(rows.map((row) => [row.trial, row]));
  const needed = new Set<string>();
  const need = (row: TrialRow | undefined): void => {
    if (row?.checkpoint != null) needed.add(row.checkpoint);
  };
  for (const row of rows) if (row.state === 'running' && row.parent !== null) need(byId.get(row.parent));

  const seen = new Set<string>();
  for (const trial of reader.trials({ kinds: ['proposal', 'netadapt'] })) {
    const targetMs = targetOf(trial);
    if (targetMs === undefined) continue;
    for (const seed of seedsOf(trial.id, byId)) {
      const key = noteKey(seed, targetMs);
      // Its ancestors were looked up with the trial that it was met by.
      if (seen.has(key)) break;
      seen.add(key);
      const state = stateFromJson(reader.noted(key));
      const latest = state && latestOf(state, seed, targetMs);
      if (latest === undefined) continue;
      const present = byId.get(latest);
      need(present);
      if (!state?.pending) continue;
      const texts = new Set(state.pending.map(({ text }) => text));
      for (const row of rows)
        if (row.kind === 'proposal' && row.parent === present?.trial && texts.has(row.text)) need(row);
    }
  }
  return needed;
}

/**
 * The trial whose weights a refinement loads first: the latest of the lineage, or the seed when it has not begun.
 * Undefined when the target is met already.
 */
export function weightsToBegin(reader: TrialReader, seed: Trial, targetMs: number): number | undefined {
  const state = stateFromJson(reader.noted(noteKey(seed.id, targetMs)));
  if (state !== undefined) return latestOf(state, seed.id, targetMs);
  const latency = seed.outcome?.latency ?? null;
  return latency !== null && bindingMs(latency, targetMs) <= targetMs ? undefined : seed.id;
}

/** The latest network of a lineage that continues; undefined for one that has met its target. */
function latestOf(
  { accepted, pending, seedMs }: RefineState,
  seed: number,
  targetMs: number,
): number | undefined {
  const last = accepted.at(-1);
  return pending === null && (last?.toMs ?? seedMs) <= targetMs ? undefined : (last?.trial ?? seed);
}

function targetOf({ note }: Trial): number | undefined {
  if (note === null || typeof note !== 'object' || !('targetMs' in note)) return undefined;
  return typeof note.targetMs === 'number' ? note.targetMs : undefined;
}

/** Trials that the refinement which made a trial can have begun with, nearest first: any step may be shrunk again. */
function* seedsOf(trial: number, byId: ReadonlyMap<number, TrialRow>): Generator<number> {
  let row = byId.get(trial);
  for (let steps = 0; row !== undefined && steps <= byId.size; steps++) {
    if (row.kind !== 'proposal' && row.kind !== 'netadapt') return;
    if (row.parent === null) return;
    yield row.parent;
    row = byId.get(row.parent);
  }
}
