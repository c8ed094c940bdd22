import { formatMs } from '../../../core/index.js';
import { line, type Style } from '../style.js';
import { table } from './table.js';
import { neutral } from '../text.js';

/** What a table says of one network, segment by segment. */
export interface LookUpView {
  readonly text: string;
  readonly medianMs: number;
  readonly lowMs: number;
  readonly highMs: number;
  /** Before the correction; what of it are the run itself and weights beyond the cache. */
  readonly sumMs: number;
  readonly runMs: number;
  readonly pressuredMs: number;
  readonly lacking: readonly string[];
  readonly lines: readonly { readonly key: string; readonly ms: number; readonly known: boolean }[];
}

/** `nas latency show TABLE --arch NAME`: what each segment of a network takes. */
export function lookUpTable(view: LookUpView, style: Style): string {
  const { medianMs, lowMs, highMs, sumMs, runMs, pressuredMs, lines, lacking } = view;
  const rows = table(
    lines,
    [
      { title: 'segment', value: ({ key }) => key, shrinksTo: 20 },
      { title: 'ms', value: ({ ms }) => ms.toFixed(4), align: 'right' },
      {
        title: 'share',
        value: ({ ms }) => `${(100 * (sumMs > 0 ? ms / sumMs : 0)).toFixed(1)} %`,
        align: 'right',
      },
      {
        title: 'from',
        value: ({ known }) => (known ? 'table' : 'interpolated'),
        tone: ({ known }) => (known ? undefined : 'warm'),
      },
    ],
    style,
  );
  const result = `predicted ${formatMs(medianMs)}, 95 % interval ${formatMs(lowMs)} to ${formatMs(highMs)}`;
  return [
    rows,
    '',
    line([[result, 'mark']], style),
    `sum ${formatMs(sumMs)}, of it the run itself ${formatMs(runMs)}${
      pressuredMs > 0 ? `, weights beyond the cache ${formatMs(pressuredMs)}` : ''
    }`,
    ...(lacking.length === 0 ? [] : [line([[`lacking: ${neutral(lacking.join('; '))}`, 'warm']], style)]),
  ].join('\n');
}
