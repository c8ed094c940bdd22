const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A horizontal bar of `share` (0 … 1) of `width` columns, to an eighth of a column; never longer. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const whole = Math.floor(eighths / 8);
  const rest = EIGHTHS[eighths % 8] ?? '';
  return '█'.repeat(whole) + (whole === 0 && rest === '' && share > 0 ? '▏' : rest);
}
