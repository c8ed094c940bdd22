import { formatCount, formatDuration, formatMs, formatPercent } from '../core/index.js';

export { formatCount, formatDuration };

/** What stands where there is no value. */
export const NONE = '–';

export const percent = (value: number | null): string => (value === null ? NONE : formatPercent(value));
export const time = (value: number | null): string => (value === null ? NONE : formatMs(value));
export const count = (value: number | null): string => (value === null ? NONE : formatCount(value));
export const duration = (seconds: number | null): string =>
  seconds === null ? NONE : formatDuration(seconds);
export const decimal = (value: number | null, digits = 3): string =>
  value === null ? NONE : value.toFixed(digits);

/** `1.87 ms (1.84–1.90)` */
export function withInterval(ms: number | null, low: number | null, high: number | null): string {
  if (ms === null) return NONE;
  if (low === null || high === null || low === high) return formatMs(ms);
  return `${formatMs(ms)} (${bare(low)}–${bare(high)})`;
}

/** `1.84–1.90 ms` */
export function interval(low: number | null, high: number | null): string {
  return low === null || high === null ? NONE : `${bare(low)}–${formatMs(high)}`;
}

function bare(ms: number): string {
  return formatMs(ms).replace(' ms', '');
}

/** Date and time where the reader is. */
export function moment(at: number | null): string {
  if (at === null) return NONE;
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));
}

/** `3 trials`, `1 trial` */
export function counted(number: number, one: string): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : `${one}s`}`;
}

export const KIND_NAMES = Object.freeze({
  sample: 'sampled',
  netadapt: 'NetAdapt step',
  proposal: 'proposal',
  retrain: 'retrained',
});
