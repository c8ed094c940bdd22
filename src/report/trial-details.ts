import {
  canonical,
  formatCount,
  formatDuration,
  formatMs,
  formatPercent,
  ms,
  quantile,
  type Json,
} from '../core/index.js';
import { parseArchitecture } from '../space/index.js';
import type { CurvePoint, LatencyRecord, Trial } from '../trials/index.js';
import { architecturePicture } from './architecture-picture.js';
import { histogram, sparkline } from './bars.js';
import { line, paint, type Style, type Tone } from './style.js';
import { fit, neutral, wrap } from './text.js';

const LABEL = 14;

/** What stands beside a trial in its study. */
export interface TrialOrigin {
  /** Its parent, that one's parent, and so on. */
  readonly parents?: readonly Trial[];
  /** The study's environment. */
  readonly environment?: Json;
}

/** `nas show`: everything known of a trial: outcome, latency, learning curve, architecture, origin. */
export function trialDetails(trial: Trial, style: Style, origin: TrialOrigin = {}): string {
  const { outcome } = trial;
  const latency = outcome?.latency ?? null;
  const tone: Tone | undefined =
    trial.state === 'failed' ? 'bad' : trial.state === 'done' ? 'good' : undefined;
  const sections = [
    [
      line(
        [[`trial ${trial.id}`, 'title'], ` of ${neutral(trial.study)}: ${trial.kind}, `, [trial.state, tone]],
        style,
      ),
      ...(outcome === null || outcome.state === 'done' ? [] : field('reason', outcome.reason, style)),
      ...(outcome?.state === 'done'
        ? field(accuracyName(trial), formatPercent(outcome.accuracy), style)
        : []),
      ...(trial.reward === null ? [] : field('reward', trial.reward.toFixed(6), style)),
      ...field(
        'costs',
        `${formatCount(trial.params)} parameters, ${formatCount(trial.madds)} multiply-adds`,
        style,
      ),
      ...(outcome === null ? [] : field('time', formatDuration(outcome.seconds), style)),
    ],
    latency === null ? [] : latencyLines(latency, style),
    ...(latency?.also ?? []).map((one) => latencyLines(one, style, one.targetMs)),
    outcome === null || outcome.state === 'infeasible' ? [] : curveLines(outcome.curve, style),
    [...architectureLines(trial.text, style)],
    [
      ...field('text', trial.text, style),
      ...field('from', lineage(trial, origin.parents ?? []), style),
      ...field('seed', trial.seed, style),
      ...field('attempts', String(trial.attempts), style),
      ...field('begun', new Date(trial.createdAt).toISOString(), style),
      ...(trial.finishedAt === null
        ? []
        : field('finished', new Date(trial.finishedAt).toISOString(), style)),
      ...(outcome?.state === 'done' && outcome.checkpoint !== null
        ? field('weights', outcome.checkpoint, style)
        : []),
      ...(trial.genome === null ? [] : field('genome', trial.genome.join(' '), style)),
      ...(isEmpty(origin.environment ?? null)
        ? []
        : field('environment', canonical(origin.environment), style)),
      ...(isEmpty(trial.note) ? [] : field('note', canonical(trial.note), style)),
    ],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** A label and its (hostile) text, wrapped to the width and indented below itself. */
function field(label: string, text: string, style: Style): string[] {
  const lines = wrap(neutral(text), Math.max(8, style.width - LABEL));
  return lines.map((part, index) => {
    const head = fit(index === 0 ? label : '', LABEL);
    return `${paint(head, 'quiet', style.colour)}${part}`.trimEnd();
  });
}

function accuracyName(trial: Trial): string {
  return trial.kind === 'retrain' ? 'test accuracy' : 'accuracy';
}

function latencyLines(latency: Omit<LatencyRecord, 'also'>, style: Style, targetMs?: number): string[] {
  const { medianMs, lowMs, highMs, madMs, p90Ms, runs, batch, platform, source, samplesMs } = latency;
  const median = `${formatMs(medianMs)}, 95 % within ${lowMs.toPrecision(4)}–${highMs.toPrecision(4)} ms`;
  const spread = `MAD ${formatMs(madMs)}, p90 ${formatMs(p90Ms)}, ${runs} runs of batch ${batch}`;
  const lines = [
    ...field('latency', `${source === 'measured' ? '' : `${source}: `}${median}`, style),
    ...field('', spread, style),
    ...field('', `${source} on ${platform}, device ${latency.fingerprint.slice(0, 12)}`, style),
    ...(targetMs === undefined
      ? []
      : field(
          '',
          `target there ${formatMs(ms(targetMs))}: ${medianMs <= targetMs ? 'met' : 'not met'}`,
          style,
        )),
    ...surroundingsOf(latency).flatMap((text) => field('', text, style)),
  ];
  if (samplesMs.length < 5) return lines;
  const low = Math.min(...samplesMs);
  const high = Math.max(low + 1e-6, quantile(samplesMs, 0.98));
  const width = Math.max(8, Math.min(40, style.width - LABEL - 24));
  const bars = paint(histogram(samplesMs, low, high, width), 'accent', style.colour);
  return [...lines, `${' '.repeat(LABEL)}${low.toPrecision(3)} ▕${bars}▏ ${high.toPrecision(3)} ms (p98)`];
}

/** What was read beside the runs, and what is missing; nothing where nothing was. */
function surroundingsOf({ reference, conditions, settled, lacking }: Omit<LatencyRecord, 'also'>): string[] {
  const { clockMhz = null, load = null, temperatureC = null } = conditions ?? {};
  const read = [
    clockMhz === null ? [] : [`clock ${clockMhz.map((value) => Math.round(value)).join(' → ')} MHz`],
    load === null ? [] : [`load ${load.toFixed(2)}`],
    temperatureC === null ? [] : [`${Math.round(temperatureC)} °C`],
  ].flat();
  return [
    reference === undefined
      ? []
      : [
          `reference network ${reference.medianMs.toPrecision(4)} ms, so times ${reference.factor.toFixed(3)} to compare with other sessions`,
        ],
    read.length === 0 ? [] : [read.join(', ')],
    settled === false ? ['the machine was too noisy for the precision asked for'] : [],
    (lacking ?? []).length === 0 ? [] : [`without: ${(lacking ?? []).join(', ')}`],
  ].flat();
}

function curveLines(curve: readonly CurvePoint[], style: Style): string[] {
  const last = curve.at(-1);
  if (last === undefined) return [];
  const width = Math.max(8, Math.min(40, style.width - LABEL - 30));
  const row = (label: string, values: readonly number[], format: (value: number) => string): string[] => {
    const first = values[0];
    const final = values.at(-1);
    if (first === undefined || final === undefined) return [];
    const head = paint(fit(label, LABEL), 'quiet', style.colour);
    const line = paint(sparkline(values, width), 'accent', style.colour);
    return [`${head}${line} ${format(first)} → ${format(final)}`];
  };
  const held = curve.flatMap((point) => (point.accuracy === null ? [] : [point.accuracy]));
  return [
    ...row(
      'loss',
      curve.map((point) => point.loss),
      (value) => value.toFixed(3),
    ),
    ...row(
      'train acc.',
      curve.map((point) => point.trainAccuracy),
      formatPercent,
    ),
    ...row('held-out acc.', held, formatPercent),
    ...field('', `${curve.length} points to epoch ${last.epoch}, step ${last.step}`, style),
  ];
}

function architectureLines(text: string, style: Style): string[] {
  try {
    return [architecturePicture(parseArchitecture(text), style)];
  } catch {
    return [line([['the text form of this trial cannot be read', 'bad']], style)];
  }
}

function lineage(trial: Trial, parents: readonly Trial[]): string {
  if (trial.parent === null) return trial.kind === 'sample' ? 'sampled by the strategy' : 'given';
  const names = parents.map((parent) => `trial ${parent.id} (${parent.kind})`);
  return (names.length > 0 ? names : [`trial ${trial.parent}`]).join(' ← ');
}

function isEmpty(note: Json): boolean {
  return note === null || (typeof note === 'object' && Object.keys(note).length === 0);
}
