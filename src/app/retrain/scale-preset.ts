import { ms } from '../../core/index.js';
import { formatArchitecture, presetArchitecture, type Task } from '../../space/index.js';
import { bindingMs, type LatencyMeter, type LatencyRecord } from '../../trials/index.js';

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

export interface ScaleOptions {
  readonly task: Task;
  /** On the first platform; targets of further ones stand in the meter's records. */
  readonly targetMs: number;
  readonly signal: AbortSignal;
  /** @default mobilenet_v3_small */
  readonly preset?: string;
}

/** Multipliers that presets take (see `presetArchitecture`), and the step from one to the next. */
const [NARROWEST, WIDEST, STEP] = [0.1, 4, 1.07];

/**
 * The widest scaled preset that meets a latency, or the fastest one when none does. A bisection over
 * some fifty width multipliers, each measured once: the narrowest first, together with multiplier 1.
 * @throws NasError what the meter finds; `NAS_UNKNOWN_PRESET`, `NAS_BAD_TASK`
 */
export async function scalePreset(meter: LatencyMeter, requested: ScaleOptions): Promise<ScaledPreset> {
  const { task, targetMs, signal, preset = 'mobilenet_v3_small' } = requested;
  const scales = distinctScales(preset, task);
  const measure = async (indices: readonly number[]): Promise<readonly ScaledPreset[]> => {
    const chosen = indices.flatMap((index) => scales[index] ?? []);
    const records = await meter.measure(
      chosen.map(({ text }) => text),
      signal,
    );
    return chosen.map(({ multiplier, text }, i) => {
      const latency = records[i];
      if (latency === undefined) throw new TypeError('the meter gave fewer records than networks');
      return { preset, multiplier, text, latency, meets: bindingMs(latency, ms(targetMs)) <= targetMs };
    });
  };

  const whole = scales.findIndex(({ multiplier }) => multiplier >= 1);
  const [narrowest, middle] = await measure(whole > 0 ? [0, whole] : [0]);
  if (narrowest === undefined) throw new TypeError('a preset without widths');
  if (!narrowest.meets) return narrowest;
  let best = middle?.meets === true ? middle : narrowest;
  let least = middle?.meets === true ? whole : 0;
  let over = middle?.meets === false ? whole : scales.length;
  while (over - least > 1) {
    const index = Math.floor((least + over) / 2);
    const [tried] = await measure([index]);
    if (tried?.meets === true) [best, least] = [tried, index];
    else over = index;
  }
  return best;
}

/** The preset as narrow as it gets: where it misses a target, so do all its widths. */
export function narrowestPreset(
  task: Task,
  preset = 'mobilenet_v3_small',
): Pick<ScaledPreset, 'preset' | 'multiplier' | 'text'> {
  const text = formatArchitecture(presetArchitecture(`${preset}@${NARROWEST}`, task));
  return { preset, multiplier: NARROWEST, text };
}

/** Scaled presets that differ, narrowest first, 1 among them. */
function distinctScales(preset: string, task: Task) {
  const steps = Math.ceil(Math.log(WIDEST / NARROWEST) / Math.log(STEP));
  const grid = Array.from({ length: steps + 1 }, (_, i) => Math.min(WIDEST, NARROWEST * STEP ** i));
  const multipliers = [...new Set([...grid, 1].map((value) => Number(value.toFixed(2))))];
  const texts = new Map<string, number>();
  for (const multiplier of multipliers.sort((a, b) => a - b)) {
    const text = formatArchitecture(presetArchitecture(`${preset}@${multiplier}`, task));
    if (!texts.has(text) || multiplier === 1) texts.set(text, multiplier);
  }
  return [...texts].map(([text, multiplier]) => ({ text, multiplier }));
}
