import { canonical, formatCount, formatDuration, formatPercent, type Json } from '../../core/index.js';
import { parseArchitecture } from '../../space/index.js';
import { trialRow, type Done, type Trial } from '../../trials/index.js';
import { architecturePicture } from './pictures/architecture.js';
import { curvePicture } from './pictures/curve.js';
import { field, fields } from './details-field.js';
import { lineageTable } from './tables/lineage.js';
import { latencyDetails } from './latency-details.js';
import { resultLines } from './result.js';
import { line, type Style, type Tone } from './style.js';
import { neutral } from './text.js';
import { finalResult, type FinalResult } from '../view/result.js';

/** What surrounds a trial in its study. */
export interface TrialOrigin {
  /** Its parent, that one's parent, and so on. */
  readonly parents?: readonly Trial[];
  /** What was made from it, limited to what is shown. */
  readonly children?: readonly Trial[];
  /** How many there are. */
  readonly childCount?: number;
  /** Each choice of the space with the option taken. */
  readonly genome?: readonly (readonly [string, string])[];
  /** The study's environment, as names and values. */
  readonly environment?: readonly (readonly [string, string])[];
  /** What the trial's note says for people. */
  readonly note?: readonly (readonly [string, string])[];
  /** Of the first platform. */
  readonly targetMs?: number;
}

/** `nas show`: everything known of a trial: outcome, latency, learning curve, architecture, lineage, origin. */
export function trialDetails(trial: Trial, style: Style, origin: TrialOrigin = {}): string {
  const { outcome } = trial;
  const latency = outcome?.latency ?? null;
  const sections = [
    headLines(trial, origin, style),
    latency === null ? [] : latencyDetails(latency, origin.targetMs ?? null, style),
    ...(latency?.also ?? []).map((one) => latencyDetails(one, one.targetMs, style)),
    outcome === null || outcome.state === 'infeasible' ? [] : [curvePicture(outcome.curve, style)],
    architectureLines(trial.text, style),
    lineageLines(trial, origin, style),
    originLines(trial, origin, style),
  ];
  return sections
    .map((lines) => lines.join('\n'))
    .filter((text) => text !== '')
    .join('\n\n');
}

function headLines(trial: Trial, { children = [], targetMs }: TrialOrigin, style: Style): string[] {
  const { outcome } = trial;
  const tone: Tone | undefined =
    trial.state === 'failed' ? 'bad' : trial.state === 'done' ? 'good' : undefined;
  return [
    line(
      [[`trial ${trial.id}`, 'title'], ` of ${neutral(trial.study)}: ${trial.kind}, `, [trial.state, tone]],
      style,
    ),
    ...(outcome === null || outcome.state === 'done' ? [] : field('reason', outcome.reason, style)),
    ...resultLines(retrainedOf(trial, children, targetMs ?? Infinity), undefined, style),
    ...(outcome?.state === 'done' ? field(accuracyName(trial), accuracyText(trial, outcome), style) : []),
    ...(trial.reward === null ? [] : field('reward', trial.reward.toFixed(6), style)),
    ...field(
      'costs',
      `${formatCount(trial.params)} parameters, ${formatCount(trial.madds)} multiply-adds`,
      style,
    ),
    ...(outcome === null ? [] : field('time', formatDuration(outcome.seconds), style)),
  ];
}

function accuracyName(trial: Trial): string {
  return trial.kind === 'retrain' ? 'test accuracy' : 'accuracy';
}

/** What the accuracy stands for: only the one on the test set is a result. */
function accuracyText({ kind }: Trial, { accuracy }: Done): string {
  if (kind === 'retrain') return formatPercent(accuracy);
  const training = kind === 'sample' ? 'proxy training' : 'fine-tuning';
  return `${formatPercent(accuracy)} on held-out pictures after ${training}`;
}

/** What became of this very network: its retraining, which is shown before its own accuracy. */
function retrainedOf(trial: Trial, children: readonly Trial[], targetMs: number): FinalResult | null {
  return trial.kind === 'retrain' ? null : finalResult(children.map(trialRow), targetMs);
}

function architectureLines(text: string, style: Style): string[] {
  try {
    return [architecturePicture(parseArchitecture(text), style)];
  } catch {
    return [line([['the text form of this trial cannot be read', 'bad']], style)];
  }
}

function lineageLines(trial: Trial, origin: TrialOrigin, style: Style): string[] {
  const { parents = [], children = [] } = origin;
  const hidden = (origin.childCount ?? children.length) - children.length;
  if (parents.length + children.length === 0) return [];
  return [
    lineageTable(trial, parents, children, style),
    ...(hidden > 0 ? [line([[`and ${hidden} more made from it`, 'quiet']], style)] : []),
  ];
}

function originLines(trial: Trial, origin: TrialOrigin, style: Style): string[] {
  const { outcome } = trial;
  const genome = origin.genome ?? [];
  return [
    ...field('text', trial.text, style),
    ...field('from', lineage(trial, origin.parents ?? []), style),
    ...field('seed', trial.seed, style),
    ...field('attempts', String(trial.attempts), style),
    ...field('begun', new Date(trial.createdAt).toISOString(), style),
    ...(trial.finishedAt === null ? [] : field('finished', new Date(trial.finishedAt).toISOString(), style)),
    ...(outcome?.state === 'done' && outcome.checkpoint !== null
      ? field('weights', outcome.checkpoint, style)
      : []),
    ...(trial.genome === null ? [] : field('genome', trial.genome.join(' '), style)),
    ...fields('choices', genome, style),
    ...fields('environment', origin.environment ?? [], style),
    ...(origin.note !== undefined
      ? fields('note', origin.note, style)
      : isEmpty(trial.note)
        ? []
        : field('note', canonical(trial.note), style)),
  ];
}

function lineage(trial: Trial, parents: readonly Trial[]): string {
  if (trial.parent === null) return trial.kind === 'sample' ? 'sampled by the strategy' : 'given';
  const names = parents.map((parent) => `trial ${parent.id} (${parent.kind})`);
  return (names.length > 0 ? names : [`trial ${trial.parent}`]).join(' ← ');
}

function isEmpty(note: Json): boolean {
  return note === null || (typeof note === 'object' && Object.keys(note).length === 0);
}
