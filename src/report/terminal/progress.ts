import { formatDuration, formatMs, formatPercent } from '../../core/index.js';
import type { Progress, TrialRow } from '../../trials/index.js';
import { line, paint, type Style, type Tone } from './style.js';
import { fit, neutral } from './text.js';

/** What a live line shows of a running study. */
export interface ProgressState {
  /** The phase: `search`, `netadapt`, `retrain`, … */
  readonly phase: string;
  readonly finished: number;
  /** null where time, not a number of trials, is the limit. */
  readonly total: number | null;
  readonly best: Best | null;
  readonly running: readonly Pick<Progress, 'trial' | 'phase' | 'done'>[];
  readonly secondsLeft: number | null;
}

export interface Best {
  readonly trial: number;
  readonly accuracy: number;
  readonly latencyMs: number;
}

/** One line for a terminal, never wider than it: `search 7/24  best 89.1 % at 1.93 ms (5)  8 training 40 %  12 min 05 s left`. */
export function progressLine(state: ProgressState, style: Style): string {
  const { phase, finished, total, best, running, secondsLeft } = state;
  const count = total !== null ? ` ${finished}/${total}` : finished > 0 ? ` ${finished} trials` : '';
  const parts: (string | readonly [string, Tone | undefined])[] = [[neutral(phase), 'title'], count, '  '];
  if (secondsLeft !== null) parts.push([`${formatDuration(secondsLeft)} left`, 'quiet'], '  ');
  if (best === null) parts.push(['no result yet', 'quiet']);
  else
    parts.push(
      [`★ ${(100 * best.accuracy).toFixed(1)} %`, 'mark'],
      ` at ${formatMs(best.latencyMs)} (trial ${best.trial})`,
    );
  for (const job of running) {
    const done = Math.round(100 * Math.min(1, Math.max(0, job.done)));
    parts.push('  ', [`${job.trial}`, 'accent'], ` ${job.phase} ${done} %`);
  }
  return line(parts, style);
}

const COLUMNS = { trial: 6, kind: 9, accuracy: 10, latency: 10, time: 12 } as const;

/** Header of {@link finishedLine}, for output that is no terminal or wants a lasting record. */
export function finishedHeader(style: Style): string {
  const { trial, kind, accuracy, latency, time } = COLUMNS;
  const text = [
    fit('trial', trial, 'right'),
    fit('kind', kind),
    fit('accuracy', accuracy, 'right'),
    fit('latency', latency, 'right'),
    fit('took', time, 'right'),
    '│ best so far',
  ].join(' ');
  return line([[text, 'title']], style);
}

/** A line per finished trial, `Value | Best so far`: also readable in a log file. */
export function finishedLine(row: TrialRow, best: Best | null, style: Style): string {
  const { trial, kind, accuracy, latency, time } = COLUMNS;
  const value = row.accuracy === null ? row.state : formatPercent(row.accuracy);
  const source = row.latencySource === 'measured' ? '' : '~';
  const latencyCell = row.latencyMs === null ? '–' : source + formatMs(row.latencyMs);
  const isBest = best !== null && best.trial === row.trial;
  const bestCell =
    best === null
      ? 'none meets the target yet'
      : `${formatPercent(best.accuracy)} at ${formatMs(best.latencyMs)} (trial ${best.trial})`;
  const reason = row.reason === null ? '' : `  ${neutral(row.reason)}`;
  return line(
    [
      fit(String(row.trial), trial, 'right'),
      ' ',
      fit(row.kind, kind),
      ' ',
      [fit(value, accuracy, 'right'), row.state === 'failed' ? 'bad' : undefined],
      ' ',
      fit(latencyCell, latency, 'right'),
      ' ',
      fit(row.seconds === null ? '–' : formatDuration(row.seconds), time, 'right'),
      ' │ ',
      [`${isBest ? '★ ' : ''}${bestCell}`, isBest ? 'mark' : undefined],
      [reason, 'quiet'],
    ],
    style,
  );
}

/** A bar for work of known length, e.g. a download: `████▌      45 %  text`. */
export function progressBar(share: number, text: string, style: Style): string {
  const width = Math.max(8, Math.min(30, style.width - 40));
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  const bar =
    paint('━'.repeat(full), 'accent', style.colour) + paint('─'.repeat(width - full), 'quiet', style.colour);
  const rest = line([` ${Math.round(100 * share)} %  ${neutral(text)}`], {
    ...style,
    width: style.width - width,
  });
  return `${bar}${rest}`;
}
