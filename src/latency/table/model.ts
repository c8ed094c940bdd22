import { ms } from '../../core/index.js';
import { buildNetwork, type Network } from '../../network/index.js';
import { parseArchitecture, type Architecture, type Layer } from '../../space/index.js';
import type { LatencyRecord } from '../../trials/index.js';
import { fingerprintDigest } from '../platform/fingerprint.js';
import { boundaryMs, valuesOf } from './build/boundaries.js';
import { calibrate, type Calibration, type Facts } from './build/calibrate.js';
import { pressuredMs, isPressured } from './build/cache-pressure.js';
import { interpolation, type Interpolation } from './interpolate.js';
import { segmentsOf, type BlockSegments } from './segments.js';
import { tableFingerprint, type LatencyTable } from './table.js';

/** Latency without timing. */
export interface LatencyModel {
  /** A record with an interval, and in `lacking` what it had to do without. */
  predict(architecture: Architecture): LatencyRecord;
}

/** What a table says of one network. */
export interface LookedUp {
  /** Run, segments and cache pressure, before the correction. */
  readonly sumMs: number;
  /** What of it a run costs by itself. */
  readonly runMs: number;
  /** The part of it for weights that a segment timed alone finds in the cache; 0 where unknown. */
  readonly pressuredMs: number;
  readonly medianMs: number;
  readonly lowMs: number;
  readonly highMs: number;
  readonly lines: readonly LookedUpLine[];
  /** Keys that had no line, each once. */
  readonly interpolated: readonly string[];
}

/** A segment of a network and what it takes by the table, ms. */
export interface LookedUpLine {
  readonly key: string;
  readonly ms: number;
  /** False: interpolated. */
  readonly known: boolean;
}

/** A table ready to be asked. */
export interface TableModel extends LatencyModel {
  readonly table: LatencyTable;
  readonly calibration: Calibration;
  /** What 95 % of the |ln measured − ln predicted| do not exceed, where every segment has its line; null when never checked. */
  readonly spread: number | null;
  lookUp(network: Network): LookedUp;
  record(network: Network): LatencyRecord;
}

const CONFIDENCE = 0.95;
/** Of a table that nothing was held against: what tables of single operations are known to miss. */
const UNCHECKED_SPREAD = Math.log(1.5);
/** Segments that a record names; the rest is counted. */
const MOST_NAMED = 20;

/**
 * Additive model, then the correction by the table's calibration networks. The interval is split-conformal: of the
 * errors of the validation networks, or where there are fewer than those of the calibration networks each left out of
 * the fit, the ⌈(n + 1)·0.95⌉-th smallest.
 */
export function tableModel(table: LatencyTable): TableModel {
  const entries = new Map(Object.entries(table.entries).map(([key, { ms: value }]) => [key, value]));
  const fingerprint = tableFingerprint(table);
  const digest = fingerprintDigest(fingerprint);
  let lazy: Interpolation | undefined;
  const guess = (): Interpolation => (lazy ??= interpolation(entries, floorOf(table)));

  const linesOf = (network: Network): LookedUpLine[] =>
    chosenKeys(segmentsOf(network), entries, table.grain).map((key) => {
      const found = entries.get(key);
      return { key, ms: found ?? guess().estimate(key), known: found !== undefined };
    });
  const { boundaries, cachePressure } = table;
  const pressured = cachePressure !== undefined && isPressured(cachePressure);
  const factsAbout = ({ input, classes, layers }: Network, lines: readonly LookedUpLine[]) => {
    const run =
      boundaries === undefined ? table.empty.ms : boundaryMs(boundaries.conv, valuesOf(input) + classes);
    const alone = lines.map(({ key }) => key);
    const crowded = cachePressure === undefined ? 0 : pressuredMs(cachePressure, layers, alone);
    const facts: Facts = {
      sumMs: lines.reduce((sum, line) => sum + line.ms, run + crowded),
      segments: lines.length,
      weights: pressured ? crowded : paramsOf(layers) ** 2,
    };
    return { ...facts, runMs: run, pressuredMs: crowded };
  };

  const factsOf = (text: string) => {
    const network = buildNetwork(parseArchitecture(text));
    return factsAbout(network, linesOf(network));
  };
  const used = (use: 'calibration' | 'validation') => table.networks.filter((network) => network.use === use);
  const calibration = calibrate(
    used('calibration').map(({ text, medianMs, lowMs, highMs }) => ({
      ...factsOf(text),
      measuredMs: medianMs,
      width: (highMs - lowMs) / medianMs,
    })),
  );
  const checked = used('validation').map(
    ({ text, medianMs }) => medianMs / calibration.correct(factsOf(text)),
  );
  const ratios = checked.length >= calibration.leftOut.length ? checked : calibration.leftOut;
  const spread = spreadOf(ratios);

  const lookUp = (network: Network): LookedUp => {
    const lines = linesOf(network);
    const facts = factsAbout(network, lines);
    const medianMs = calibration.correct(facts);
    const { runMs, pressuredMs: crowded } = facts;
    const guessed = lines.filter(({ known }) => !known);
    const share = guessed.reduce((sum, line) => sum + line.ms, 0) / Math.max(facts.sumMs, Number.MIN_VALUE);
    const own = spread ?? UNCHECKED_SPREAD;
    const wide = guessed.length === 0 ? own : Math.hypot(own, share * Math.min(guess().error, 2));
    return {
      sumMs: facts.sumMs,
      runMs,
      pressuredMs: crowded,
      medianMs,
      lowMs: medianMs * Math.exp(-wide),
      highMs: medianMs * Math.exp(wide),
      lines,
      interpolated: [...new Set(guessed.map(({ key }) => key))],
    };
  };

  const record = (network: Network): LatencyRecord => {
    const { medianMs, lowMs, highMs, interpolated } = lookUp(network);
    const lacking = lackingText(interpolated, spread === null);
    return Object.freeze({
      source: 'table',
      platform: fingerprint.platform,
      medianMs: ms(medianMs),
      madMs: 0,
      p90Ms: medianMs,
      lowMs,
      highMs,
      runs: 0,
      batch: table.batch,
      fingerprint: digest,
      samplesMs: [],
      ...(lacking.length === 0 ? {} : { lacking }),
    });
  };

  return Object.freeze({
    table,
    calibration,
    spread,
    lookUp,
    record,
    predict: (architecture: Architecture) => record(buildNetwork(architecture)),
  });
}

const paramsOf = (layers: readonly Layer[]): number => layers.reduce((sum, { params }) => sum + params, 0);

/** Times below it are mostly noise of the subtraction. */
function floorOf({ empty, entries }: LatencyTable): number {
  const largest = Object.values(entries).reduce((most, entry) => Math.max(most, entry.ms), 0);
  return Math.max(empty.ms / 10, largest * 1e-5, 1e-6);
}

/** For each block its own line where there is one, else its parts'; what has no line is asked for in the table's grain. */
function chosenKeys(
  blocks: readonly BlockSegments[],
  entries: ReadonlyMap<string, number>,
  grain: LatencyTable['grain'],
): readonly string[] {
  const keys: string[] = [];
  for (let at = 0; at < blocks.length; at++) {
    const { whole, parts } = blocks[at] as BlockSegments;
    // Some tables hold the pooling and the classifier behind it as one.
    const next = blocks[at + 1];
    const joined =
      whole.endsWith(' gap') && next !== undefined
        ? `${whole} ${next.whole.split(' ').slice(1).join(' ')}`
        : null;
    if (joined !== null && entries.has(joined)) {
      keys.push(joined);
      at++;
    } else if (entries.has(whole) || (grain === 'blocks' && !parts.every((part) => entries.has(part))))
      keys.push(whole);
    else keys.push(...parts);
  }
  return keys;
}

function spreadOf(ratios: readonly number[]): number | null {
  if (ratios.length < 3) return null;
  const scores = ratios.map((ratio) => Math.abs(Math.log(ratio))).sort((a, b) => a - b);
  return scores[Math.min(scores.length, Math.ceil((scores.length + 1) * CONFIDENCE)) - 1] as number;
}

function lackingText(interpolated: readonly string[], unchecked: boolean): readonly string[] {
  const named = interpolated.slice(0, MOST_NAMED).map((key) => `no line for ${key}: interpolated`);
  const more = interpolated.length - named.length;
  return [
    ...(unchecked ? ['the table was held against no measured network'] : []),
    ...named,
    ...(more > 0 ? [`no line for ${more} more segments: interpolated`] : []),
  ];
}
