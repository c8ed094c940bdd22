import { NasError } from '../errors.js';

declare const unit: unique symbol;
/** Milliseconds. Made by {@link ms} or {@link parseLatency} only. */
export type Ms = number & { readonly [unit]: 'ms' };
/** A share in [0, 1], such as an accuracy. Made by {@link ratio} only. */
export type Ratio = number & { readonly [unit]: 'ratio' };

/** Milliseconds; throws on a negative or non-finite number (a bug, user input goes through {@link parseLatency}). */
export function ms(value: number): Ms {
  if (!(value >= 0 && Number.isFinite(value))) throw new RangeError(`not a duration in ms: ${value}`);
  return value as Ms;
}

/** A share in [0, 1]; throws outside of it (a bug). */
export function ratio(value: number): Ratio {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`not a ratio in [0, 1]: ${value}`);
  return value as Ratio;
}

const LATENCY_UNITS: Readonly<Record<string, number>> = { us: 1e-3, µs: 1e-3, ms: 1, s: 1e3 };
const TIME_UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 };

/**
 * A latency as a user writes it: `2ms`, `800us`, `0.5s`; a bare number is milliseconds.
 * @throws NasError `NAS_BAD_LATENCY` for anything else, zero and negatives included
 */
export function parseLatency(text: string): Ms {
  const value = parseQuantity(text, LATENCY_UNITS, 'ms');
  if (value === undefined) {
    throw new NasError({
      code: 'NAS_BAD_LATENCY',
      found: `latency ${JSON.stringify(text.slice(0, 40))}`,
      expected: 'a positive number with us, ms or s',
      fix: 'write it like 2ms, 800us or 0.5s',
    });
  }
  return value as Ms;
}

/**
 * A time budget as a user writes it: `90s`, `20m`, `1.5h`; in seconds.
 * @throws NasError `NAS_BAD_TIME` for anything else
 */
export function parseDurationSeconds(text: string): number {
  const value = parseQuantity(text, TIME_UNITS, undefined);
  if (value === undefined) {
    throw new NasError({
      code: 'NAS_BAD_TIME',
      found: `time ${JSON.stringify(text.slice(0, 40))}`,
      expected: 'a positive number with s, m or h',
      fix: 'write it like 90s, 20m or 1.5h',
    });
  }
  return value;
}

function parseQuantity(
  text: string,
  units: Readonly<Record<string, number>>,
  bare: string | undefined,
): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-zµ]*)\s*$/i.exec(text);
  if (!match) return undefined;
  const name = match[2] === '' ? bare : match[2]?.toLowerCase();
  const factor = name !== undefined && Object.hasOwn(units, name) ? units[name] : undefined;
  const value = Number(match[1]) * (factor ?? Number.NaN);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}
