import { createPause, createRng, formatMs, ms, NasError, withPauses } from '../../core/index.js';
import { narrowest } from '../../netadapt/index.js';
import { cheapest, type LatencyPredictor } from '../../search/index.js';
import { formatArchitecture, layersOf, maddsOf, type Architecture } from '../../space/index.js';
import {
  parseWhere,
  bindingMs,
  type LatencyMeter,
  type LatencyRecord,
  type TimingEffort,
  type TrialStore,
} from '../../trials/index.js';
import type { DevicePredictor } from './device-predictor.js';
import { narrowestPreset, scalePreset, type ScaledPreset } from '../retrain/scale-preset.js';
import { followUp } from '../follow-up.js';
import type { Session } from '../study/session.js';

/** What is asked of a session. */
export type Searched = Pick<Session, 'spec' | 'space' | 'store' | 'signal' | 'discard' | 'places'>;

/** Noted once a study's target is known to be reachable. */
const NOTE = 'search.reachable';
/** A latency of a short burst decides only where it is over the limit by this factor. */
const CLEARLY = 3;
/** What starting an operation costs, in multiply-adds, where no latencies are known. */
const MADDS_PER_LAYER = 200_000;

/**
 * Ends a search before it begins where its target cannot be met: where neither the fastest network of the space, one
 * measurement, nor that network as narrow as NetAdapt can make it, another one with the narrowest preset, is within target × gate.
 * Short bursts do where they leave no doubt, so that an answer takes seconds. Costs nothing where the study has such a trial
 * already. A study that was made for it is discarded.
 * @throws NasError `NAS_TARGET_UNREACHABLE` with what was measured and what would do; what the meter finds
 */
export async function requireReachable(
  session: Searched,
  meter: LatencyMeter,
  predictor: Pick<DevicePredictor, 'fitted' | 'predict'> | undefined,
  notice: (text: string) => void,
): Promise<void> {
  const { spec, space, store, signal, places } = session;
  const targetMs = ms(spec.latency.targetMs * spec.latency.searchFactor);
  const limitMs = targetMs * spec.latency.gate;
  if (store.noted(NOTE) === true || isSettled(store, limitMs)) return;
  await predictor?.fitted();
  const rng = createRng(spec.seed).fork('fastest');
  const pause = createPause();
  const fastest = await cheapest(space, costOf(predictor), rng, pause);
  if (fastest === undefined) return;
  const predicted = predictor?.predict(formatArchitecture(fastest));
  if (predicted == null || predicted.highMs > limitMs)
    for (const effort of ['burst', 'full'] as const) if (await decides(effort, fastest)) break;
  store.note(NOTE, true);

  /** False where a short burst leaves doubt. @throws NasError `NAS_TARGET_UNREACHABLE` */
  async function decides(effort: TimingEffort, fastest: Architecture): Promise<boolean> {
    const factor = effort === 'burst' ? CLEARLY : 1;
    const measure = async (...texts: readonly string[]): Promise<readonly LatencyRecord[]> => {
      const records = await meter.measure(texts, signal, effort);
      if (records.length < texts.length) throw new TypeError('the meter gave fewer records than networks');
      return records;
    };
    const [first] = await measure(formatArchitecture(fastest));
    const fastestMs = bindingMs(first as LatencyRecord, targetMs);
    if (fastestMs <= factor * limitMs) return fastestMs <= limitMs;
    // Both in one session, so that an answer takes two in all.
    const small = narrowestPreset(spec.task);
    const floor = formatArchitecture(await withPauses(narrowest(fastest), pause));
    const [shrunk, preset] = await measure(floor, small.text);
    const floorMs = bindingMs(shrunk as LatencyRecord, targetMs);
    if (floorMs > factor * limitMs) {
      const { targetMs: finalMs } = spec.latency;
      const latency = preset as LatencyRecord;
      const scaled =
        latencyOf(latency, finalMs) > factor * finalMs
          ? { ...small, latency, meets: false }
          : await scalePreset(meter, { task: spec.task, targetMs: finalMs, signal });
      session.discard();
      throw unreachable(session, fastestMs, floorMs, scaled);
    }
    if (effort === 'burst') return false;
    notice(
      `warning: the fastest network found in space ${space.name} takes ${formatMs(ms(fastestMs))}, over the limit of ` +
        `${formatMs(ms(limitMs))}: few candidates or none will be trained. NetAdapt can shrink it to ${formatMs(ms(floorMs))}: ` +
        `search with --target-latency ${roomy(fastestMs)}, then ${followUp(places, `netadapt refine --best --target-latency ${roomy(targetMs)}`)}`,
    );
    return true;
  }
}

/** Whether the study knows a network within the limit: one was measured, or looked up. */
function isSettled(store: TrialStore, limitMs: number): boolean {
  const where = parseWhere('latencySource != predicted');
  return store.count({ kinds: ['sample'], maxLatencyMs: limitMs, where }) > 0;
}

function costOf(
  predictor: Pick<LatencyPredictor, 'predict'> | undefined,
): (architecture: Architecture) => number {
  return (architecture) =>
    predictor?.predict(formatArchitecture(architecture))?.medianMs ??
    maddsOf(architecture) + MADDS_PER_LAYER * layersOf(architecture).length;
}

function unreachable(
  { spec, space }: Searched,
  fastestMs: number,
  floorMs: number,
  scaled: ScaledPreset,
): NasError {
  const { targetMs } = spec.latency;
  const scaledMs = latencyOf(scaled.latency, targetMs);
  const name = `${scaled.preset}@${scaled.multiplier}`;
  const nearestMs = Math.min(fastestMs, floorMs, scaledMs);
  return new NasError({
    code: 'NAS_TARGET_UNREACHABLE',
    found:
      `the fastest network found in space ${space.name} takes ${formatMs(ms(fastestMs))}, ` +
      `at its narrowest ${formatMs(ms(floorMs))}; the target is ${formatMs(ms(targetMs))}`,
    fix: scaled.meets
      ? `${name} meets the target in ${formatMs(ms(scaledMs))}: search a space of networks that narrow`
      : `no width does: even ${name} takes ${formatMs(ms(scaledMs))}; ` +
        `the nearest latency in reach is ${formatMs(ms(nearestMs))}: --target-latency ${roomy(nearestMs)}`,
  });
}

function latencyOf(record: LatencyRecord, targetMs: number): number {
  return bindingMs(record, ms(targetMs));
}

/** A latency as an option, a little more than it: of two digits. */
function roomy(latencyMs: number): string {
  const unit = 10 ** (Math.floor(Math.log10(latencyMs)) - 1);
  return `${Number((Math.ceil(latencyMs / unit) * unit).toPrecision(2))}ms`;
}
