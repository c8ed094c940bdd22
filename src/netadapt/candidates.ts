import { compareIntervals, createPause, median, type Interval, type Pause } from '../core/index.js';
import { formatArchitecture, type Architecture } from '../space/index.js';
import type { LatencyBand, LatencyMeter } from '../trials/index.js';
import { largestWidth, NO_CURVE, savingOf, withSaving, type Curve } from './curves.js';
import { dimensionsOf, keyOf, narrowerWidths, withWidth } from './dimensions.js';
import { pairedSaving } from './paired.js';
import type { ExpectedLoss } from './expected-loss.js';
import type { NetAdaptSettings } from './settings.js';
import type { Candidate, Dimension, PairedSaving } from './state-schema.js';
import { mediansOf, bindingConstraint, type BindingConstraint } from './binding-constraint.js';

interface Pair {
  readonly before: LatencyBand;
  readonly after: LatencyBand;
  readonly paired?: PairedSaving | undefined;
}

/** Latency curves by {@link keyOf} of the dimension. */
export type Curves = ReadonlyMap<string, Curve>;

export interface CandidateSearch {
  readonly architecture: Architecture;
  /** On the first platform; further ones' targets stand in their records. */
  readonly targetMs: number;
  readonly curves: Curves;
  /** Least saving, on the scale of `presentMs`. */
  readonly deltaMs: number;
  /** Latency of `architecture` on the scale of the seed's; a session's own may have drifted from it. */
  readonly presentMs: number;
  readonly settings: Pick<NetAdaptSettings, 'granularity' | 'kinds' | 'maxProposals' | 'rounds'>;
  /** Where it is known, it decides which dimensions are tried first. */
  readonly loss?: ExpectedLoss | undefined;
  readonly meter: LatencyMeter;
  readonly signal: AbortSignal;
  /** Awaited between the networks that are made; default {@link createPause}. */
  readonly pause?: Pause;
}

export interface FoundCandidates {
  readonly candidates: readonly Candidate[];
  readonly curves: Curves;
  /** Why there is none; undefined when there are. */
  readonly none?: string;
}

/** One run's fixed costs outweigh what a layer computes. */
const launchBound = 'launch-bound at this batch: try a larger --latency-batch in a new study';

interface Offer {
  readonly dimension: Dimension;
  readonly key: string;
  /** Narrower widths, widest first; never empty. */
  readonly widths: readonly number[];
}

/** Saved latency, ms; negative when slower. Of the paired samples where there are enough, else of the medians. */
export function savedMs({ before, after, paired }: Pair): number {
  return paired?.savedMs ?? before.medianMs - after.medianMs;
}

/** Whether a drop is beyond the noise: its 95 % interval is above 0; without pairs, the intervals do not touch. */
export function isSignificant({ before, after, paired }: Pair): boolean {
  if (paired !== undefined) return paired.leastMs > 0;
  const interval = ({ lowMs, highMs }: LatencyBand): Interval => ({ low: lowMs, high: highMs });
  return compareIntervals(interval(after), interval(before)) === 'below';
}

/**
 * ChooseNumFilters (NetAdapt §3.2) for every dimension: the LARGEST width whose latency is at most that of the
 * present network minus δ, by measurement. A dimension met for the first time is measured at its narrowest width;
 * between measured widths latency is taken as linear. In each of `rounds` sessions the width so predicted is
 * measured, interleaved with the present network, which corrects the prediction. Where δ is smaller than what the sessions
 * can distinguish, the search is for widths that save at least that. With `maxProposals`, the dimensions
 * that are expected to lose least per ms saved come first – without `loss` those that give up the smallest share of their
 * width; the next ones are tried only when none of the first gives a significant drop.
 */
export async function findCandidates(search: CandidateSearch): Promise<FoundCandidates> {
  const { architecture, deltaMs, settings, pause = createPause() } = search;
  const offers: Offer[] = [];
  for (const dimension of dimensionsOf(architecture, settings.kinds)) {
    const widths = narrowerWidths(architecture, dimension, settings.granularity);
    if (widths.length > 0) offers.push({ dimension, key: keyOf(dimension), widths });
    await pause();
  }
  if (offers.length === 0)
    return { candidates: [], curves: search.curves, none: 'every width is at its least already' };
  const curves = new Map(search.curves);
  const fresh = offers.filter((offer) => !curves.has(offer.key));
  let neededMs = Math.max(deltaMs, noiseMs(await scout(search, curves, fresh)));
  let reachable = await rank(search, offers, curves, neededMs);
  if (reachable.length === 0 && fresh.length < offers.length) {
    neededMs = Math.max(deltaMs, noiseMs(await scout(search, curves, offers)));
    reachable = await rank(search, offers, curves, neededMs);
  }
  if (reachable.length === 0) return { candidates: [], curves, none: unreachable(offers, curves, neededMs) };
  const batch = settings.maxProposals ?? reachable.length;
  for (let start = 0; start < reachable.length; start += batch) {
    const candidates = await narrow(search, curves, reachable.slice(start, start + batch), neededMs);
    if (candidates.length > 0) return { candidates, curves };
  }
  return {
    candidates: [],
    curves,
    none: `no proposal saves ${deltaMs.toPrecision(3)} ms beyond the noise of the measurement; ${launchBound}, or a larger --delta`,
  };
}

/** Measures the narrowest width of each, all in one session with the present network. */
async function scout(
  search: CandidateSearch,
  curves: Map<string, Curve>,
  offers: readonly Offer[],
): Promise<readonly Candidate[]> {
  const tries = offers.map((offer) => ({ offer, to: offer.widths.at(-1) ?? offer.dimension.width }));
  return measureTries(search, curves, tries);
}

/** The saving, in ms, from which a session can distinguish two networks; 0 without measurements. */
function noiseMs(measured: readonly Pair[]): number {
  if (measured.length === 0) return 0;
  return median(
    measured.map(({ before, after, paired }) =>
      paired === undefined
        ? before.medianMs - before.lowMs + (after.highMs - after.medianMs)
        : paired.savedMs - paired.leastMs,
    ),
  );
}

interface Try {
  readonly offer: Offer;
  readonly to: number;
}

async function measureTries(
  search: CandidateSearch,
  curves: Map<string, Curve>,
  tries: readonly Try[],
): Promise<Candidate[]> {
  if (tries.length === 0) return [];
  const { pause = createPause() } = search;
  const texts: string[] = [];
  for (const { offer, to } of tries) {
    texts.push(formatArchitecture(withWidth(search.architecture, offer.dimension, to)));
    await pause();
  }
  const records = await search.meter.measure(
    [formatArchitecture(search.architecture), ...texts],
    search.signal,
  );
  const [first] = records;
  if (!first) throw new TypeError('the meter gave no record');
  const present = bindingConstraint(first, search.targetMs);
  return tries.map(({ offer, to }, index) => {
    const record = records[index + 1];
    if (!record) throw new TypeError('the meter gave fewer records than networks');
    const narrow = bindingConstraint(record, search.targetMs);
    const pair = { before: bandOf(present), after: bandOf(narrow), paired: pairOf(present, narrow) };
    const curve = curves.get(offer.key) ?? NO_CURVE;
    curves.set(offer.key, withSaving(curve, offer.dimension.width, to, savedMs(pair)));
    const presentMs = mediansOf(first);
    return { dimension: offer.dimension, to, text: texts[index] ?? '', record, presentMs, ...pair };
  });
}

function bandOf({ medianMs, lowMs, highMs }: BindingConstraint): LatencyBand {
  return { medianMs, lowMs, highMs };
}

/** Runs on two platforms were not taken in turns, so they make no pairs. */
function pairOf(before: BindingConstraint, after: BindingConstraint): PairedSaving | undefined {
  if (before.platform !== after.platform) return undefined;
  // Looked up in a table, not timed: no noise stands between the two.
  if (before.samplesMs.length === 0 && after.samplesMs.length === 0) {
    const saved = before.medianMs - after.medianMs;
    return { savedMs: saved, leastMs: saved };
  }
  const pair = pairedSaving(before.samplesMs, after.samplesMs);
  if (pair === undefined) return undefined;
  const scale = before.medianMs / median(before.samplesMs);
  return { savedMs: pair.savedMs * scale, leastMs: pair.leastMs * scale };
}

/** Those that can reach δ by prediction, the least expected loss per ms saved first. */
async function rank(
  { loss, pause = createPause() }: CandidateSearch,
  offers: readonly Offer[],
  curves: Curves,
  deltaMs: number,
): Promise<Offer[]> {
  const ranked: { readonly offer: Offer; readonly cost: number }[] = [];
  for (const offer of offers) {
    const { dimension, key } = offer;
    const to = largest(offer, curves, deltaMs);
    if (to === undefined) continue;
    const saving = savingOf(curves.get(key) ?? NO_CURVE, dimension.width, to);
    const cost = loss === undefined ? 1 - to / dimension.width : loss(dimension, to) / saving;
    ranked.push({ offer, cost });
    await pause();
  }
  return ranked.sort((a, b) => a.cost - b.cost).map(({ offer }) => offer);
}

function largest(offer: Offer, curves: Curves, deltaMs: number): number | undefined {
  return largestWidth(curves.get(offer.key) ?? NO_CURVE, offer.dimension.width, offer.widths, deltaMs);
}

async function narrow(
  search: CandidateSearch,
  curves: Map<string, Curve>,
  offers: readonly Offer[],
  leastMs: number,
): Promise<Candidate[]> {
  let neededMs = leastMs;
  const best = new Map<string, Candidate>();
  const tried = new Set<string>();
  for (let round = 0; round < search.settings.rounds; round++) {
    const tries = offers.flatMap((offer): Try[] => {
      const to = largest(offer, curves, neededMs);
      if (to === undefined || tried.has(`${offer.key}/${to}`)) return [];
      tried.add(`${offer.key}/${to}`);
      return [{ offer, to }];
    });
    const measured = await measureTries(search, curves, tries);
    neededMs = Math.max(neededMs, noiseMs(measured));
    for (const candidate of measured) {
      const key = keyOf(candidate.dimension);
      const wider = candidate.to > (best.get(key)?.to ?? -1);
      if (wider && savedMs(candidate) >= leastSaving(search, candidate) && isSignificant(candidate))
        best.set(key, candidate);
    }
    if (tries.length === 0 || search.signal.aborted) break;
  }
  return offers.flatMap((offer) => best.get(offer.key) ?? []);
}

/** δ in the milliseconds of the session that measured the pair. */
function leastSaving({ deltaMs, presentMs }: CandidateSearch, { before }: Pair): number {
  return (deltaMs * before.medianMs) / presentMs;
}

function unreachable(offers: readonly Offer[], curves: Curves, deltaMs: number): string {
  const most = Math.max(
    ...offers.map((offer) =>
      savingOf(curves.get(offer.key) ?? NO_CURVE, offer.dimension.width, offer.widths.at(-1) ?? 0),
    ),
  );
  return `even at its narrowest no layer saves ${deltaMs.toPrecision(3)} ms (most: ${most.toPrecision(2)} ms); ${launchBound}, a smaller --delta, or more --dimensions`;
}
