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
    members: members.map((row) => memberOf(row, notes.get(row.trial))),
  }));
}

/**
 * The lineage that a trial is of, all branches of it; of a proposal that was only tried, the one that it was tried for.
 * A network of which nothing was made is its own only member. Undefined where the study has no such trial.
 */
export function familyOf(reader: TrialReader, id: number): LineageView | undefined {
  const rows = reader.rows();
  const byId = new Map(rows.map((row) => [row.trial, row]));
  const row = byId.get(id);
  if (row === undefined) return undefined;
  const { trial: ancestor } = ancestorOf(row, byId);
  const known = lineageViews(reader, rows).find((lineage) => lineage.ancestor === ancestor);
  const oldest = byId.get(ancestor) ?? row;
  return known ?? { ancestor, members: [memberOf(oldest, undefined)] };
}

function memberOf(row: TrialRow, note: Json | undefined): LineageView['members'][number] {
  const { trial, parent, kind, accuracy, latencyMs, latencyLowMs, latencyHighMs, params } = row;
  return {
    ...{ trial, parent, kind, accuracy, latencyMs, latencyLowMs, latencyHighMs, params },
    step: stepOf(note),
    change: changeOf(row, note),
  };
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

function stepOf(note: Json | undefined): number | null {
  if (note === undefined || note === null || typeof note !== 'object' || !('step' in note)) return null;
  return typeof note.step === 'number' ? note.step : null;
}

function changeOf({ kind, parent }: TrialRow, note: Json | undefined): string {
  if (kind === 'sample') return 'as the search found it';
  if (kind === 'retrain')
    return parent === null
      ? 'a preset, trained from scratch'
      : 'trained from scratch, evaluated on the test set';
  return stepWords(note) ?? 'made narrower';
}

/** `{dimension: 'bottleneck:2,3', from: 24, to: 16}` → `output of blocks 2 and 3: 24 → 16 channels`. */
function stepWords(note: Json | undefined): string | undefined {
  if (note === undefined || note === null || typeof note !== 'object' || !('dimension' in note))
    return undefined;
  const { dimension, from, to } = note;
  if (typeof dimension !== 'string' || typeof from !== 'number' || typeof to !== 'number') return undefined;
  const [kind = '', blocks = ''] = dimension.split(':');
  if (kind === 'depth') return `${blocksWords(blocks.split(','))} left out`;
  if (kind === 'kernel') return `kernel of ${blocksWords(blocks.split(','))}: ${from}×${from} → ${to}×${to}`;
  return `${PLACES[kind] ?? 'output'} of ${blocksWords(blocks.split(','))}: ${from} → ${to} channels`;
}

/** What of a block became narrower, where it is not what the block passes on. */
const PLACES: Readonly<Partial<Record<string, string>>> = {
  expansion: 'expansion',
  hidden: 'hidden layer',
  squeeze: 'squeezed width',
};

function blocksWords(blocks: readonly string[]): string {
  const last = blocks.at(-1) ?? '';
  return blocks.length === 1 ? `block ${last}` : `blocks ${blocks.slice(0, -1).join(', ')} and ${last}`;
}
