import { canonical } from '../../core/index.js';
import {
  blockPairs,
  compareAccuracies,
  evaluated,
  type ComparedAccuracy,
  type TrialComparison,
} from '../../report/index.js';
import { parseArchitecture } from '../../space/index.js';
import { trialRow, type TrialReader, type TrialRow } from '../../trials/index.js';
import { picturesEvaluated } from '../study/evaluation-pictures.js';
import { latencyVerdicts } from '../latency/verdict.js';
import { requireTrial } from '../refine/phase.js';
import { specOf } from '../study/studies.js';

/** A trial and the study it is of. */
export interface NamedTrial {
  readonly reader: TrialReader;
  readonly trial: number;
}

/**
 * Two trials side by side, of one study or of two: block by block, accuracies by their binomial errors, latencies by
 * their intervals. Reads the store only.
 * @throws NasError `NAS_TRIAL_MISSING`
 */
export function compareTrials(a: NamedTrial, b: NamedTrial): TrialComparison {
  const [one, other] = [requireTrial(a.reader, a.trial), requireTrial(b.reader, b.trial)];
  const [rowA, rowB] = [trialRow(one), trialRow(other)];
  return {
    a: rowA,
    b: rowB,
    accuracy: comparedAccuracy({ row: rowA, reader: a.reader }, { row: rowB, reader: b.reader }),
    latencies: latencyVerdicts(one.outcome?.latency ?? null, other.outcome?.latency ?? null),
    blocks: blockPairs(parseArchitecture(one.text), parseArchitecture(other.text)),
    remarks: remarks(rowA, rowB, a.reader, b.reader),
  };
}

interface Side {
  readonly row: TrialRow;
  readonly reader: TrialReader;
}

/** Whether one of two trials is more accurate; accuracies of other pictures are not compared. */
export function comparedAccuracy(a: Side, b: Side): ComparedAccuracy {
  const [one, other] = [accuracyOfSide(a), accuracyOfSide(b)];
  const because = (why: string): ComparedAccuracy => ({ verdict: 'incomparable', a: one, b: other, why });
  if (one === null || other === null) {
    if (one === null && other === null) return because('neither was trained to the end');
    return because(`${one === null ? 'A' : 'B'} was not trained to the end`);
  }
  const [dataA, dataB] = [specOf(a.reader).data, specOf(b.reader).data];
  if (dataA.name !== dataB.name) return because(`evaluated on ${dataA.name} and on ${dataB.name}`);
  if ((a.row.kind === 'retrain') !== (b.row.kind === 'retrain'))
    return because('one was evaluated on the test set, the other on held-out pictures');
  return { verdict: compareAccuracies(one, other), a: one, b: other, why: null };
}

function accuracyOfSide({ row, reader }: Side): ComparedAccuracy['a'] {
  return row.accuracy === null ? null : evaluated(row.accuracy, picturesEvaluated(reader, row.kind));
}

/** What makes the accuracies differ apart from the architectures. */
function remarks(a: TrialRow, b: TrialRow, readerA: TrialReader, readerB: TrialReader): string[] {
  const [specA, specB] = [specOf(readerA), specOf(readerB)];
  const training = (kind: TrialRow['kind']): string =>
    kind === 'sample'
      ? 'trained from scratch for a short time'
      : kind === 'retrain'
        ? 'trained from scratch by the final plan'
        : "fine-tuned from its parent's weights";
  const differs = (one: unknown, other: unknown): boolean => canonical(one) !== canonical(other);
  return [
    training(a.kind) === training(b.kind) ? [] : [`A was ${training(a.kind)}, B ${training(b.kind)}`],
    a.text === b.text ? ['both are the same architecture'] : [],
    differs(specA.recipe, specB.recipe) ? ['the studies train by different recipes'] : [],
    a.kind === 'sample' && b.kind === 'sample' && differs(specA.proxy, specB.proxy)
      ? [`A was trained for ${specA.proxy.epochs} epochs at most, B for ${specB.proxy.epochs}`]
      : [],
  ].flat();
}
