/** 1234567 → `1.23M`; three digits that count, for tables. */
export function formatCount(value: number): string {
  const scale: readonly (readonly [number, string])[] = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  for (const [factor, letter] of scale)
    if (Math.abs(value) >= factor) return threeDigits(value / factor) + letter;
  return threeDigits(value);
}

/** Bytes in binary steps: `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let step = 0;
  while (Math.abs(value) >= 1024 && step < names.length - 1) {
    value /= 1024;
    step++;
  }
  return `${threeDigits(value)} ${names[step] ?? 'B'}`;
}

/** Milliseconds for people: `1.87 ms`. */
export function formatMs(value: number): string {
  return `${threeDigits(value)} ms`;
}

/** A ratio as per cent with two decimals: 0.91234 → `91.23 %`. */
export function formatPercent(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}

/** Seconds for people: `42 s`, `3 min 20 s`, `1 h 05 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1000) return String(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}
