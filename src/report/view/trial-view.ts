import type { Json } from '../../core/index.js';
import { parseArchitecture, type Choice } from '../../space/index.js';
import {
  trialRow,
  type CurvePoint,
  type Trial,
  type TrialReader,
  type TrialRow,
} from '../../trials/index.js';
import { blockViews } from './blocks.js';
import { latencyViews } from './latencies.js';
import { nameValues } from './name-values.js';
import type { BlockView, TrialView } from './view.js';

/** What a view of a trial needs to know in addition to the store. */
export interface TrialFacts {
  /** Of the first platform. */
  readonly targetMs: number | null;
  /** The space's, in the order of genomes; null where the study was made with another version of the space. */
  readonly choices: readonly Choice[] | null;
}

/** More ancestors than a lineage can have; a circle in a damaged store ends here. */
const MOST_ANCESTORS = 1000;

/** One trial's page; undefined where the study has no such trial. */
export function trialView(reader: TrialReader, id: number, facts: TrialFacts): TrialView | undefined {
  const trial = reader.trial(id);
  if (trial === undefined) return undefined;
  const { outcome } = trial;
  return {
    row: trialRow(trial),
    blocks: blocksOf(trial.text),
    curve: outcome === null || outcome.state === 'infeasible' ? [] : outcome.curve.map(curvePoint),
    latencies: outcome?.latency ? latencyViews(outcome.latency, facts.targetMs) : [],
    ancestors: ancestorsOf(reader, trial),
    children: reader.rows({ parent: id }),
    genome: genomeOf(trial, facts.choices),
    note: nameValues(shortNote(trial.note)),
    environment: nameValues(reader.study.environment),
  };
}

/** None for a text that cannot be read: of a study that was tampered with. */
function blocksOf(text: string): readonly BlockView[] {
  try {
    return blockViews(parseArchitecture(text));
  } catch {
    return [];
  }
}

/** JSON has no NaN and no infinity, which the loss of a diverged run is. */
function curvePoint({ epoch, step, loss, trainAccuracy, accuracy }: CurvePoint): TrialView['curve'][number] {
  const finite = (value: number | null): number | null =>
    value !== null && Number.isFinite(value) ? value : null;
  return {
    epoch,
    step,
    loss: finite(loss),
    trainAccuracy: finite(trainAccuracy),
    accuracy: finite(accuracy),
  };
}

function ancestorsOf(reader: TrialReader, trial: Trial): readonly TrialRow[] {
  const found: TrialRow[] = [];
  for (let at = trial.parent; at !== null && found.length < MOST_ANCESTORS;) {
    const parent = reader.trial(at);
    if (parent === undefined) break;
    found.push(trialRow(parent));
    at = parent.parent;
  }
  return found;
}

function genomeOf({ genome }: Trial, choices: readonly Choice[] | null): TrialView['genome'] {
  if (genome === null) return [];
  return genome.map((gene, index) => {
    const choice = choices?.[index];
    return [choice?.name ?? `choice ${index + 1}`, String(choice?.options[gene] ?? gene)];
  });
}

/** What a strategy keeps for itself is no text for people. */
function shortNote(note: Json): Json {
  if (note === null || typeof note !== 'object' || Array.isArray(note)) return note ?? {};
  return Object.fromEntries(Object.entries(note).filter(([name]) => name !== 'logp'));
}
