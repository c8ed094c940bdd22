import { isNasError, ms } from '../../core/index.js';
import {
  formatArchitecture,
  parseArchitecture,
  presetArchitecture,
  withWidth,
  type Task,
} from '../../space/index.js';
import { bindingMs, type LatencyMeter, type LatencyRecord } from '../../trials/index.js';

/** A network that may be faster than it has to be. */
export interface Fast {
  readonly text: string;
  readonly latency: LatencyRecord;
  /** The preset it is, which is widened by its own table. */
  readonly preset?: { readonly preset: string; readonly multiplier: number } | undefined;
}

/** The same network with all widths multiplied. */
export interface Widened {
  readonly text: string;
  readonly factor: number;
  readonly latency: LatencyRecord;
}

export interface WidenOptions {
  readonly targetMs: number;
  readonly task: Task;
  readonly signal: AbortSignal;
}

/** Who takes more of the target gains nothing that training would show. */
const SLACK = 0.93;
/** As the presets are scaled: a longer session of the same network differs by as much. */
const WITHIN = 0.97;
/**
 * Latency grows with the width by some power from 0.75, where overheads rule, to 3: the multipliers that are tried are what is left
 * to the target, to these powers.
 */
const POWERS = [0.35, 0.5, 0.7, 0.95, 1.3];

/**
 * Of each network the widest that keeps the target, measured with full effort in one session: what the search's short sessions
 * took for the limit may lie well below it. Null where the network uses up the target, or nothing wider keeps it.
 * @throws NasError what the meter finds
 */
export async function widen(
  meter: LatencyMeter,
  networks: readonly Fast[],
  { targetMs, task, signal }: WidenOptions,
): Promise<readonly (Widened | null)[]> {
  const wider = networks.map((network) =>
    multipliers(bindingMs(network.latency, ms(targetMs)) / targetMs)
      .flatMap((factor) => wideText(network, factor, task) ?? [])
      .filter(({ text }) => text !== network.text),
  );
  const texts = [...new Set(wider.flat().map(({ text }) => text))];
  const records = texts.length === 0 ? [] : await meter.measure(texts, signal);
  const latencies = new Map(texts.map((text, i) => [text, records[i]]));
  return wider.map((variants) => {
    const meeting = variants.flatMap((one): Widened[] => {
      const latency = latencies.get(one.text);
      const meets = latency !== undefined && bindingMs(latency, ms(targetMs)) <= WITHIN * targetMs;
      return meets ? [{ ...one, latency }] : [];
    });
    return meeting.sort((a, b) => b.factor - a.factor)[0] ?? null;
  });
}

/** @param used share of the target that the network takes */
function multipliers(used: number): readonly number[] {
  return used > SLACK || used <= 0 ? [] : POWERS.map((power) => used ** -power);
}

/** Undefined where it gets too wide for an architecture or its preset. */
function wideText(
  { text, preset }: Fast,
  factor: number,
  task: Task,
): Pick<Widened, 'text' | 'factor'> | undefined {
  try {
    if (preset === undefined)
      return { text: formatArchitecture(withWidth(parseArchitecture(text), factor)), factor };
    const multiplier = Number((preset.multiplier * factor).toFixed(2));
    const architecture = presetArchitecture(`${preset.preset}@${multiplier}`, task);
    return { text: formatArchitecture(architecture), factor: multiplier / preset.multiplier };
  } catch (error) {
    if (isNasError(error) && TOO_WIDE.includes(error.code)) return undefined;
    throw error;
  }
}

const TOO_WIDE: readonly string[] = ['NAS_BAD_WIDTH', 'NAS_BAD_MULTIPLIER'];
