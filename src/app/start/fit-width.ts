import { isNasError, ms } from '../../core/index.js';
import {
  formatArchitecture,
  parseArchitecture,
  presetArchitecture,
  withWidth,
  type Task,
} from '../../space/index.js';
import { bindingMs, type LatencyMeter, type LatencyRecord } from '../../trials/index.js';
import { WITHIN } from '../search/initial-candidates.js';

/** A network that takes more or less than the target. */
export interface Unfitted {
  readonly text: string;
  readonly latency: LatencyRecord;
  /** The preset it is, whose widths its own table gives. */
  readonly preset?: { readonly preset: string; readonly multiplier: number } | undefined;
}

/** The same network with all widths multiplied. */
export interface Fitted {
  readonly text: string;
  readonly factor: number;
  readonly latency: LatencyRecord;
}

export interface FitOptions {
  readonly targetMs: number;
  readonly task: Task;
  readonly signal: AbortSignal;
}

/** Between this share of the target and all of it nothing is gained that training would show. */
const SLACK = 0.93;
/**
 * Latency grows with the width by some power from 0.75, where overheads rule, to 3: the multipliers that are tried are the target by
 * the latency, to these powers.
 */
const POWERS = [0.35, 0.5, 0.7, 0.95, 1.3];

/**
 * Of each network the widest that keeps the target, by a uniform width multiplier, measured with full effort in one session: one that
 * is faster than it has to be leaves accuracy unused, and one that misses the target by a little may still be the best at it.
 * Null where the network fits already, or no width tried keeps the target and differs from it.
 * @throws NasError what the meter finds
 */
export async function fitWidths(
  meter: LatencyMeter,
  networks: readonly Unfitted[],
  { targetMs, task, signal }: FitOptions,
): Promise<readonly (Fitted | null)[]> {
  const variants = networks.map((network) =>
    multipliers(bindingMs(network.latency, ms(targetMs)) / targetMs)
      .flatMap((factor) => textAt(network, factor, task) ?? [])
      .filter(({ text }) => text !== network.text),
  );
  const texts = [...new Set(variants.flat().map(({ text }) => text))];
  const records = texts.length === 0 ? [] : await meter.measure(texts, signal);
  const latencies = new Map(texts.map((text, i) => [text, records[i]]));
  return variants.map((own) => {
    const meeting = own.flatMap((one): Fitted[] => {
      const latency = latencies.get(one.text);
      const meets = latency !== undefined && bindingMs(latency, ms(targetMs)) <= WITHIN * targetMs;
      return meets ? [{ ...one, latency }] : [];
    });
    return meeting.sort((a, b) => b.factor - a.factor)[0] ?? null;
  });
}

/** A network of other widths than within this factor is another one, of which the search's training said nothing. */
const MOST_FACTOR = 1.5;

/** @param used share of the target that the network takes */
function multipliers(used: number): readonly number[] {
  return (used > SLACK && used <= 1) || used <= 0
    ? []
    : POWERS.map((power) => Math.min(MOST_FACTOR, Math.max(1 / MOST_FACTOR, used ** -power)));
}

/** Undefined where an architecture or the preset has no such width. */
function textAt(
  { text, preset }: Unfitted,
  factor: number,
  task: Task,
): Pick<Fitted, 'text' | 'factor'> | undefined {
  try {
    if (preset === undefined)
      return { text: formatArchitecture(withWidth(parseArchitecture(text), factor)), factor };
    const multiplier = fittedMultiplier(preset.multiplier, factor);
    const architecture = presetArchitecture(`${preset.preset}@${multiplier}`, task);
    return { text: formatArchitecture(architecture), factor: multiplier / preset.multiplier };
  } catch (error) {
    if (isNasError(error) && NO_WIDTH.includes(error.code)) return undefined;
    throw error;
  }
}

/** The multiplier of a preset whose widths are multiplied once more; presets are named with two decimals. */
export function fittedMultiplier(multiplier: number, factor: number): number {
  return Number((multiplier * factor).toFixed(2));
}

const NO_WIDTH: readonly string[] = ['NAS_BAD_WIDTH', 'NAS_BAD_MULTIPLIER'];
