import { formatCount, formatMs, formatPercent } from '../../../core/index.js';
import { line, paint, type Style } from '../style.js';
import { table, type Column } from './table.js';
import { fit, neutral, wrap } from '../text.js';

/** How well predicted and measured latencies agree. */
export interface PredictionErrorRow {
  readonly networks: number;
  readonly tau: number;
  readonly error: number;
  readonly bias: number;
  readonly worst: number;
}

/** What there is to know of a look-up table, plain. */
export interface LatencyTableRow {
  readonly file: string;
  readonly platform: string;
  readonly source: string;
  /** Digest of the device's fingerprint, as latencies have it; null for a foreign table. */
  readonly fingerprint: string | null;
  readonly deviceName: string | null;
  readonly threads: number | null;
  readonly batch: number;
  readonly space: {
    readonly name: string;
    readonly input: readonly number[];
    readonly classes: number;
  } | null;
  readonly createdAt: number;
  readonly entries: number;
  /** Entries of the finished table. */
  readonly planned: number;
  readonly emptyMs: number;
  /** ms of reading or writing one number, subtracted from segments of convolutions; null where not measured. */
  readonly perValueMs: number | null;
  /**
   * What the largest tried number of parameters of a kind costs more in one network than in segments; null where not
   * measured.
   */
  readonly cachePressure: {
    readonly params: number;
    readonly pointwiseMs: number;
    readonly convolutionMs: number;
    readonly denseMs: number;
  } | null;
  readonly kinds: readonly {
    /** Operations of its segments, e.g. `conv1 dw3 conv1`. */
    readonly kind: string;
    readonly entries: number;
    readonly leastMs: number;
    readonly medianMs: number;
    readonly mostMs: number;
  }[];
  readonly calibration: {
    readonly networks: number;
    /** Mean absolute error of each calibration network, corrected without itself; null where nothing was fitted. */
    readonly leftOutError: number | null;
  };
  /** Against networks that the table was not fitted to: before and after the correction; null without such. */
  readonly validation: {
    readonly sum: PredictionErrorRow;
    readonly corrected: PredictionErrorRow;
    /** A second session of the same networks held against the first; null where they have one each. */
    readonly repeated: PredictionErrorRow | null;
  } | null;
  /** Half the interval of a prediction, as a factor minus 1; null when nothing was held against the table. */
  readonly spread: number | null;
}

/** `nas latency show`: a line per table. */
export function latencyTableList(
  rows: readonly (LatencyTableRow | { readonly file: string; readonly problem: string })[],
  style: Style,
): string {
  if (rows.length === 0) return 'no look-up table yet: nas latency build makes one';
  const good = (row: (typeof rows)[number]) => ('problem' in row ? null : row);
  const columns: readonly Column<(typeof rows)[number]>[] = [
    { title: 'platform', value: (row) => good(row)?.platform ?? '?', shrinksTo: 12 },
    { title: 'space', value: (row) => spaceText(good(row)), shrinksTo: 12 },
    { title: 'batch', value: (row) => good(row)?.batch ?? null, optional: 2 },
    { title: 'entries', value: (row) => entriesText(good(row)), align: 'right' },
    { title: 'τ', value: (row) => good(row)?.validation?.corrected.tau.toFixed(3) ?? null, align: 'right' },
    { title: 'error', value: (row) => share(good(row)?.validation?.corrected.error), align: 'right' },
    {
      title: 'file',
      value: (row) => ('problem' in row ? `${row.file}: ${row.problem}` : row.file),
      shrinksTo: 16,
    },
  ];
  return table(rows, columns, style);
}

/** `nas latency show TABLE`: where it comes from, what it holds, how far it can be trusted. */
export function latencyTableDetails(row: LatencyTableRow, style: Style): string {
  const device =
    row.deviceName === null
      ? 'unknown'
      : `${row.deviceName}, ${row.threads} ${row.threads === 1 ? 'thread' : 'threads'} (${row.fingerprint})`;
  const fields: readonly (readonly [string, string])[] = [
    ['file', row.file],
    ['source', row.source],
    ['device', device],
    ['space', row.space === null ? 'unknown' : `${spaceText(row)}, ${row.space.classes} classes`],
    ['batch', String(row.batch)],
    ['made', new Date(row.createdAt).toISOString()],
    [
      'entries',
      `${entriesText(row)}${row.entries < row.planned ? ': not finished, nas latency build resumes it' : ''}`,
    ],
    ['empty run', runText(row)],
    ...(row.cachePressure === null ? [] : [['weights', cachePressureText(row.cachePressure)] as const]),
    ['correction', correctionText(row)],
    [
      'interval',
      row.spread === null ? 'unknown' : `± ${formatPercent(row.spread)} where all segments are known`,
    ],
  ];
  return [
    line([[`look-up table of ${neutral(row.platform)}`, 'title']], style),
    ...fields.flatMap(([label, text]) =>
      wrap(neutral(text), Math.max(8, style.width - 12)).map((part, index) =>
        `${paint(fit(index === 0 ? label : '', 12), 'quiet', style.colour)}${part}`.trimEnd(),
      ),
    ),
    '',
    table(
      row.kinds,
      [
        { title: 'segment', value: ({ kind }) => kind, shrinksTo: 12 },
        { title: 'entries', value: ({ entries }) => entries },
        { title: 'least', value: ({ leastMs }) => formatMs(leastMs), align: 'right' },
        { title: 'median', value: ({ medianMs }) => formatMs(medianMs), align: 'right' },
        { title: 'most', value: ({ mostMs }) => formatMs(mostMs), align: 'right' },
      ],
      style,
    ),
    '',
    predictionErrorTable(row, style),
  ].join('\n');
}

/** Predicted against measured, before and after the correction, and how far measurements agree with each other. */
export function predictionErrorTable(
  { validation }: Pick<LatencyTableRow, 'validation'>,
  style: Style,
): string {
  if (validation === null) return 'held against no measured network yet: nas latency validate';
  const rows = [
    { name: 'sum of the entries', ...validation.sum },
    { name: 'corrected', ...validation.corrected },
    ...(validation.repeated === null ? [] : [{ name: 'measured again', ...validation.repeated }]),
  ];
  return table(
    rows,
    [
      { title: 'prediction', value: ({ name }) => name },
      { title: 'networks', value: ({ networks }) => networks },
      { title: "Kendall's τ", value: ({ tau }) => tau.toFixed(3), align: 'right' },
      { title: 'mean error', value: ({ error }) => share(error), align: 'right' },
      {
        title: 'bias',
        value: ({ bias }) => `${bias < 0 ? '' : '+'}${(100 * bias).toFixed(1)} %`,
        align: 'right',
      },
      { title: 'worst', value: ({ worst }) => share(worst), align: 'right' },
    ],
    style,
  );
}

function spaceText(row: Pick<LatencyTableRow, 'space'> | null): string {
  const space = row?.space ?? null;
  return space === null ? '?' : `${space.name} ${space.input.join('×')}`;
}

function entriesText(row: LatencyTableRow | null): string {
  if (row === null) return '?';
  return row.entries === row.planned ? String(row.entries) : `${row.entries} of ${row.planned}`;
}

/** A time per number, in text. */
const LEAST_NS = 0.01;

function runText({ emptyMs, perValueMs }: LatencyTableRow): string {
  const copied = 1e6 * (perValueMs ?? 0);
  return `${formatMs(emptyMs)}${copied < LEAST_NS ? '' : `, and ${copied.toFixed(2)} ns per number that goes in or out`}`;
}

function cachePressureText(cachePressure: NonNullable<LatencyTableRow['cachePressure']>): string {
  const { params, pointwiseMs, convolutionMs, denseMs } = cachePressure;
  const kinds = [
    `pointwise ${formatMs(pointwiseMs)}`,
    `convolution ${formatMs(convolutionMs)}`,
    `dense ${formatMs(denseMs)}`,
  ];
  return `${formatCount(params)} in one network cost more than in segments: ${kinds.join(', ')}`;
}

function correctionText({ calibration }: LatencyTableRow): string {
  const { networks, leftOutError } = calibration;
  if (networks === 0) return 'none: sums only';
  const error =
    leftOutError === null
      ? 'too few to fit'
      : `each of them predicted without itself: ${share(leftOutError)} off`;
  return `fitted to ${networks} measured networks; ${error}`;
}

function share(value: number | undefined): string {
  return value === undefined ? '' : `${(100 * value).toFixed(1)} %`;
}
