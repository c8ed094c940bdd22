import type { Json } from '../../core/index.js';
import type { TrialReader, TrialRow } from '../../trials/index.js';
import type { LineageView } from './view.js';

/**
 * Networks that NetAdapt or retraining made others of, each with what became of it: accepted steps and retrained
 * networks, by ascending trial. Proposals that were only tried are left out.
 */
export function lineageViews(reader: TrialReader, rows: readonly TrialRow[]): readonly LineageView[] {
  const made = rows.filter(({ kind }) => kind === 'netadapt' || kind === 'retrain');
  if (made.length === 0) return [];
  const byId = new Map(rows.map((row) => [row.trial, row]));
  const notes = new Map<number, Json>();
  for (const trial of reader.trials({ kinds: ['netadapt'] })) notes.set(trial.id, trial.note);
  const lineages = new Map<number, TrialRow[]>();
  for (const row of made) {
    const ancestor = ancestorOf(row, byId);
    if (ancestor === row) continue; // Retrained without a parent: a scaled preset, of no lineage.
    lineages.set(ancestor.trial, [...(lineages.get(ancestor.trial) ?? [ancestor]), row]);
  }
  return [...lineages].map(([ancestor, members]) => ({
    ancestor,
    members: members.map((row) => ({
      trial: row.trial,
      parent: row.parent,
      kind: row.kind,
      accuracy: row.accuracy,
      latencyMs: row.latencyMs,
      params: row.params,
      change: changeOf(row, notes.get(row.trial)),
    })),
  }));
}

/** The oldest one; parents have smaller numbers, even where a damaged store says otherwise. */
function ancestorOf(row: TrialRow, byId: ReadonlyMap<number, TrialRow>): TrialRow {
  let at = row;
  for (;;) {
    const parent = at.parent === null ? undefined : byId.get(at.parent);
    if (parent === undefined || parent.trial >= at.trial) return at;
    at = parent;
  }
}

function changeOf({ kind }: TrialRow, note: Json | undefined): string {
  if (kind === 'sample') return 'as the search found it';
  if (kind === 'retrain') return 'trained from scratch, evaluated on the test set';
  return stepWords(note) ?? 'made narrower';
}

/** `{dimension: 'bottleneck:2,3', from: 24, to: 16}` → `output of blocks 2 and 3: 24 → 16 channels`. */
function stepWords(note: Json | undefined): string | undefined {
  if (note === undefined || note === null || typeof note !== 'object' || !('dimension' in note))
    return undefined;
  const { dimension, from, to } = note;
  if (typeof dimension !== 'string' || typeof from !== 'number' || typeof to !== 'number') return undefined;
  const [kind = '', blocks = ''] = dimension.split(':');
  return `${placeOf(kind)} of ${blocksWords(blocks.split(','))}: ${from} → ${to} channels`;
}

function placeOf(kind: string): string {
  if (kind === 'expansion') return 'expansion';
  return kind === 'hidden' ? 'hidden layer' : 'output';
}

function blocksWords(blocks: readonly string[]): string {
  const last = blocks.at(-1) ?? '';
  return blocks.length === 1 ? `block ${last}` : `blocks ${blocks.slice(0, -1).join(', ')} and ${last}`;
}
