import { ms } from '../../core/index.js';
import { formatArchitecture, presetArchitecture, type Task } from '../../space/index.js';
import { bindingMs, type LatencyMeter, type LatencyRecord, type TimingEffort } from '../../trials/index.js';

/** A published network at a width multiplier, with its latency. */
export interface ScaledPreset {
  readonly preset: string;
  readonly multiplier: number;
  /** Text form. */
  readonly text: string;
  readonly latency: LatencyRecord;
  /** Whether it keeps the target, on every platform of its record. */
  readonly meets: boolean;
}

export interface ScalePresetsOptions {
  readonly task: Task;
  /** On the first platform; targets of further ones stand in the meter's records. */
  readonly targetMs: number;
  readonly signal: AbortSignal;
  readonly presets: readonly string[];
  /** @default full */
  readonly effort?: TimingEffort;
  /** Hears of each network that was timed on the way. */
  readonly onMeasured?: (text: string, latency: LatencyRecord) => void;
}

export type ScaleOptions = Omit<ScalePresetsOptions, 'presets' | 'effort' | 'onMeasured'> & {
  /** @default mobilenet_v3_small */
  readonly preset?: string;
};

/** Multipliers that presets take (see `presetArchitecture`), and the step from one to the next. */
const [NARROWEST, WIDEST, STEP] = [0.1, 4, 1.07];
/** A step wider takes some per cent longer: below this share of the target the next one can have missed it by a disturbance only. */
const SLACK = 0.9;
/** Sessions at most: a device that is not monotonic in the width must not be asked for ever. */
const MOST_SESSIONS = 12;

/**
 * Of each preset the widest that meets a latency, or the fastest one when none does; a search over some fifty width
 * multipliers. The presets are measured in the same sessions: the narrowest of each first, together with multiplier 1,
 * then the two between which the latency is expected, by a power law through the nearest known on either side, until two
 * neighbours stand on either side of the target.
 * @throws NasError what the meter finds; `NAS_UNKNOWN_PRESET`, `NAS_BAD_TASK`
 */
export async function scalePresets(
  meter: LatencyMeter,
  requested: ScalePresetsOptions,
): Promise<readonly ScaledPreset[]> {
  const { task, targetMs, signal, presets, effort = 'full', onMeasured } = requested;
  const searches = presets.map((preset) => widthSearch(preset, task, targetMs));
  for (let session = 0; session < MOST_SESSIONS; session++) {
    const asked = searches.flatMap((search) => search.next().map((scale) => ({ search, scale })));
    if (asked.length === 0) break;
    const records = await meter.measure(
      asked.map(({ scale }) => scale.text),
      signal,
      effort,
    );
    for (const [i, { search, scale }] of asked.entries()) {
      const latency = records[i];
      if (latency === undefined) throw new TypeError('the meter gave fewer records than networks');
      search.learn(scale, latency);
      onMeasured?.(scale.text, latency);
    }
  }
  return searches.map((search) => search.best());
}

/** Codes for: no preset fits the pictures; a latency table knows nothing of it. */
export const NO_PRESET: readonly string[] = ['NAS_BAD_TASK', 'NAS_TABLE_RANGE'];

/** {@link scalePresets} of one preset. */
export async function scalePreset(meter: LatencyMeter, requested: ScaleOptions): Promise<ScaledPreset> {
  const { preset = 'mobilenet_v3_small', ...rest } = requested;
  const [scaled] = await scalePresets(meter, { ...rest, presets: [preset] });
  if (scaled === undefined) throw new TypeError('no preset was scaled');
  return scaled;
}

/** The preset as narrow as it gets: where it misses a target, so do all its widths. */
export function narrowestPreset(
  task: Task,
  preset = 'mobilenet_v3_small',
): Pick<ScaledPreset, 'preset' | 'multiplier' | 'text'> {
  const text = formatArchitecture(presetArchitecture(`${preset}@${NARROWEST}`, task));
  return { preset, multiplier: NARROWEST, text };
}

interface Scale {
  readonly index: number;
  readonly text: string;
  readonly multiplier: number;
}

interface WidthSearch {
  /** What is to be measured next; none when the widest is found. */
  next(): readonly Scale[];
  learn(scale: Scale, latency: LatencyRecord): void;
  best(): ScaledPreset;
}

function widthSearch(preset: string, task: Task, targetMs: number): WidthSearch {
  const scales = distinctScales(preset, task);
  const whole = scales.findIndex(({ multiplier }) => multiplier >= 1);
  const known = new Map<number, ScaledPreset>();
  /** The widest known to meet the target below all that miss it, and the narrowest that misses it. */
  let [least, over] = [-1, scales.length];
  let measuredAgain = false;
  const measured = (index: number): { readonly width: number; readonly latency: number } | undefined => {
    const one = known.get(index);
    return (
      one && { width: Math.log(one.multiplier), latency: Math.log(bindingMs(one.latency, ms(targetMs))) }
    );
  };

  /** Where a power law through the nearest known ones reaches the target, between the two bounds. */
  function expected(): number {
    const middle = Math.floor((least + over) / 2);
    const others = [...known.keys()].sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
    const from = measured(least);
    const to = measured(over) ?? measured(others.find((index) => index !== least) ?? -1);
    if (from === undefined || to === undefined || to.width === from.width) return middle;
    const slope = (to.latency - from.latency) / (to.width - from.width);
    if (!(slope > 0)) return middle;
    const width = from.width + (Math.log(targetMs) - from.latency) / slope;
    const index = scales.findLastIndex(({ multiplier }) => Math.log(multiplier) <= width);
    return Math.min(Math.max(index, least + 1), over - 1);
  }

  /** Once: measures again what missed the target, where that cannot be by its width. */
  function forgetDisturbed(): void {
    const best = known.get(least);
    if (measuredAgain || best === undefined || bindingMs(best.latency, ms(targetMs)) > SLACK * targetMs)
      return;
    measuredAgain = true;
    for (const [index, { latency }] of known)
      if (index > least && bindingMs(latency, ms(targetMs)) < 2 * targetMs) known.delete(index);
    over = Math.min(scales.length, ...[...known.keys()].filter((index) => index > least));
  }

  return {
    next() {
      if (known.size === 0) return scales.filter(({ index }) => index === 0 || index === whole);
      if (least >= 0 && over - least <= 1) forgetDisturbed();
      if (least < 0 || over - least <= 1) return [];
      const index = expected();
      return scales.slice(index, Math.min(index + 2, over));
    },
    learn({ index, multiplier, text }, latency) {
      const meets = bindingMs(latency, ms(targetMs)) <= targetMs;
      known.set(index, { preset, multiplier, text, latency, meets });
      if (!meets) over = Math.min(over, index);
      const meeting = [...known].flatMap(([at, one]) => (one.meets && at < over ? [at] : []));
      least = Math.max(-1, ...meeting);
    },
    best() {
      const best = known.get(Math.max(least, 0));
      if (best === undefined) throw new TypeError('a preset without widths');
      return best;
    },
  };
}

/** Scaled presets that differ, narrowest first, 1 among them. */
function distinctScales(preset: string, task: Task): readonly Scale[] {
  const steps = Math.ceil(Math.log(WIDEST / NARROWEST) / Math.log(STEP));
  const grid = Array.from({ length: steps + 1 }, (_, i) => Math.min(WIDEST, NARROWEST * STEP ** i));
  const multipliers = [...new Set([...grid, 1].map((value) => Number(value.toFixed(2))))];
  const texts = new Map<string, number>();
  for (const multiplier of multipliers.sort((a, b) => a - b)) {
    const text = formatArchitecture(presetArchitecture(`${preset}@${multiplier}`, task));
    if (!texts.has(text) || multiplier === 1) texts.set(text, multiplier);
  }
  return [...texts].map(([text, multiplier], index) => ({ index, text, multiplier }));
}
