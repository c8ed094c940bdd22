// Medians, spreads and ratios of numbers taken in turns.
import { median, quantile } from '../../dist/core/index.js';

const round = (value, digits = 3) => Number(value.toPrecision(digits + 1));

/** Median, quartiles and the values themselves. */
export function summary(values) {
  return {
    median: round(median(values)),
    low: round(quantile(values, 0.25)),
    high: round(quantile(values, 0.75)),
    rounds: values.map((value) => round(value)),
  };
}

/** The ratio a/b round by round, so that a drift of the machine meets both: median and quartiles. */
export function ratioOf(a, b) {
  const ratios = a.map((value, i) => value / b[i]);
  return {
    median: round(median(ratios)),
    low: round(quantile(ratios, 0.25)),
    high: round(quantile(ratios, 0.75)),
  };
}

/** `12.3 (11.9–12.8)`: median and quartiles. */
export function shown({ median: middle, low, high }, digits = 1) {
  return `${middle.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

/** A table of texts for the terminal, first column left, the others right. */
export function table(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => String(row[i]).length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i])))
        .join('  '),
    )
    .join('\n');
}
