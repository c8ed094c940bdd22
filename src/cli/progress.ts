import { stopwatch } from '../core/index.js';
import { exhaustedText, type AppEvent, type Listener } from '../app/index.js';
import {
  finishedHeader,
  finishedLine,
  progressLine,
  type Best as ShownBest,
  type ProgressState,
} from '../report/index.js';
import { trialRow, type Best, type Progress, type TrialRow } from '../trials/index.js';
import type { Output } from './output.js';

const REDRAW_MS = 120;
/** Where no line can be redrawn, a sign of life about this often. */
const SIGN_OF_LIFE_MS = 20_000;

export interface ProgressView {
  readonly listen: Listener;
  /** Takes the live line away. */
  end(): void;
}

/**
 * Shows what the app reports: a line that stays for each finished trial, and below it one live line with what runs,
 * the best so far and the time left. Without a terminal the live line becomes a line now and then.
 * @param best of the trials of earlier sessions; kept up here
 * @param overallSecondsLeft time left of a run of several phases, shown in place of a phase's own estimate
 */
export function progressView(
  output: Output,
  best: Best<TrialRow>,
  overallSecondsLeft?: () => number | null,
): ProgressView {
  // In a file nothing is cut: a reason may be all that is known of a failed trial.
  const width = output.live ? output.width : Infinity;
  const style = { width, colour: output.live && output.colour };
  const running = new Map<number, Progress>();
  const clock = stopwatch();
  let drawnAt = -Infinity;
  let headed = false;
  let state: ProgressState = {
    phase: 'start',
    finished: 0,
    total: null,
    best: null,
    running: [],
    secondsLeft: null,
  };

  const shownBest = (): ShownBest | null => {
    const row = best.trial();
    if (row?.accuracy == null || row.latencyMs === null) return null;
    return { trial: row.trial, accuracy: row.accuracy, latencyMs: row.latencyMs };
  };
  const draw = (change: Partial<ProgressState>, now = false): void => {
    state = { ...state, ...change, running: [...running.values()].sort((a, b) => a.trial - b.trial) };
    const wait = output.live ? REDRAW_MS : SIGN_OF_LIFE_MS;
    if (!now && clock() - drawnAt < wait) return;
    drawnAt = clock();
    const overall = overallSecondsLeft?.() ?? null;
    const text = progressLine(overall === null ? state : { ...state, secondsLeft: overall }, style);
    if (!output.live) return output.note(text);
    output.status(text);
  };
  const finished = (row: TrialRow): void => {
    running.delete(row.trial);
    best.add(row);
    if (!headed) output.note(finishedHeader(style));
    headed = true;
    output.note(finishedLine(row, shownBest(), style));
    drawnAt = output.live ? -Infinity : clock();
  };
  const listen = (event: AppEvent): void => {
    const progress = progressIn(event);
    if (progress?.note !== undefined) output.note(`trial ${progress.trial}: ${progress.note}`);
    switch (event.phase) {
      case 'prepare':
      case 'export':
        return output.note(event.text);
      case 'search': {
        const { event: what } = event;
        if (what.kind === 'progress') running.set(what.progress.trial, what.progress);
        if (what.kind === 'finished') finished(trialRow(what.trial));
        if (what.kind === 'exhausted') output.note(exhaustedText(what));
        const { done, infeasible, failed, trials, secondsLeft } = what.status;
        return draw({
          phase: 'search',
          finished: done + infeasible + failed,
          total: trials,
          best: shownBest(),
          secondsLeft,
        });
      }
      case 'refine': {
        const { event: what } = event;
        if (what.type === 'start') {
          const { trial, seedMs, targetMs: goal, deltaMs, resumed } = what;
          const from = resumed === 0 ? '' : `, resumed after ${resumed} accepted steps`;
          output.note(
            `netadapt: trial ${trial} from ${seedMs.toPrecision(3)} ms to ${goal.toPrecision(3)} ms ` +
              `in steps of at least ${deltaMs.toPrecision(2)} ms${from}`,
          );
          return draw(
            { phase: 'netadapt', finished: 0, total: null, best: shownBest(), secondsLeft: null },
            true,
          );
        }
        if (what.type === 'measuring')
          return draw({
            phase: `netadapt step ${what.step}, timing ${what.networks} networks`,
            finished: 0,
            total: null,
          });
        if (what.type === 'candidates') {
          return draw(
            { phase: `netadapt step ${what.step}`, finished: 0, total: what.candidates.length + 1 },
            true,
          );
        }
        if (what.type === 'progress') running.set(what.progress.trial, what.progress);
        if (what.type === 'proposal' || what.type === 'control') {
          running.delete(what.trial.id);
          return draw({ finished: state.finished + 1 });
        }
        if (what.type === 'accepted') return finished(trialRow(what.trial));
        if (what.type === 'end') return output.note(`netadapt: ${what.reason} – ${what.message}`);
        return draw({});
      }
      case 'proxy check': {
        if ('progress' in event) running.set(event.progress.trial, event.progress);
        else finished(trialRow(event.finished));
        const { done, count } = event;
        return draw({ phase: 'proxy check', finished: done, total: count, best: null, secondsLeft: null });
      }
      case 'finalists': {
        running.set(event.progress.trial, event.progress);
        return draw({ phase: 'finalists', finished: 0, total: null, best: shownBest(), secondsLeft: null });
      }
      case 'retrain': {
        running.clear();
        running.set(event.trial, event.progress);
        const { done, phase } = event.progress;
        if (phase === 'training') retrained ??= { from: done, clock: stopwatch() };
        // A resumed training begins with a share that took no time here.
        const here = retrained === undefined ? 0 : done - retrained.from;
        const spent = (retrained?.clock() ?? 0) / 1000;
        const secondsLeft = here > 0.02 && phase === 'training' ? (spent / here) * (1 - done) : null;
        return draw({ phase: 'retrain', finished: 0, total: 1, best: shownBest(), secondsLeft });
      }
    }
  };
  let retrained: { readonly from: number; readonly clock: () => number } | undefined;
  return {
    listen,
    end: () => {
      output.status(null);
    },
  };
}

/** What a running trial reports in an event, where it does. */
function progressIn(event: AppEvent): Progress | undefined {
  switch (event.phase) {
    case 'search':
      return event.event.kind === 'progress' ? event.event.progress : undefined;
    case 'refine':
      return event.event.type === 'progress' ? event.event.progress : undefined;
    case 'finalists':
    case 'retrain':
      return event.progress;
    case 'proxy check':
      return 'progress' in event ? event.progress : undefined;
    default:
      return undefined;
  }
}
