import { createRng, stopwatch } from '../../../core/index.js';
import type { BoundaryOverheads } from './boundaries.js';
import { knownSegment } from '../key.js';
import type { BuildProgress } from './measure.js';
import { paceOf } from './pace.js';
import type { MeasureOptions } from './probe.js';
import { sessionsOf, SESSIONS, withReading } from './sessions.js';
import type { TableEntry } from '../table.js';
import { timeSegments } from './time-segments.js';
import { effortOf } from '../work.js';

/** Segments per session: enough that the reference network's turns cost little. */
const BATCH = 24;
/** Sessions of a line that two sessions disagree about. */
const MOST_SESSIONS = 3;
/** Sessions disagree that differ by more than this share and by more than a tenth of what a run costs. */
const DISAGREE = 0.08;

export interface LineOptions extends MeasureOptions {
  readonly boundaries: BoundaryOverheads;
  readonly seed: string;
  /** Called after each session. */
  save(): void;
  listen?(progress: BuildProgress): void;
}

/**
 * Times what has no line yet, in a first session those with the least work first, in a second with other segments than
 * before, in a third where the two disagree: a disturbance lasts longer than a session's turns, and would be in all lines
 * of one. `lines` is changed.
 * @returns how many segments were timed, and whether all were
 */
export async function timeLines(
  wanted: readonly string[],
  lines: Map<string, TableEntry>,
  options: LineOptions,
): Promise<{ readonly timed: number; readonly finished: boolean }> {
  const { boundaries, seed, surroundings } = options;
  const count = (key: string): number => sessionsOf(lines.get(key));
  const efforts = new Map(wanted.map((key) => [key, effortOf(knownSegment(key))]));
  const effort = (key: string): number => efforts.get(key) ?? 0;
  const least = boundaries.conv.ms / 10;
  const pace = paceOf();
  const timed = new Set<string>();
  const report = (rest: readonly string[]) => {
    const later = wanted.flatMap((key) => new Array<string>(Math.max(0, SESSIONS - count(key))).fill(key));
    const left = later.length === 0 ? rest : later;
    options.listen?.({
      phase: 'entries',
      done: Math.floor(wanted.reduce((sum, key) => sum + Math.min(count(key), SESSIONS), 0) / SESSIONS),
      total: wanted.length,
      secondsLeft: left.length === 0 ? 0 : pace(left.map((key) => ({ effort: effort(key) }))),
    });
  };
  for (let session = 1; session <= MOST_SESSIONS; session++) {
    const lacking = wanted.filter((key) =>
      session <= SESSIONS ? count(key) < session : count(key) < session && disagree(lines.get(key), least),
    );
    const todo =
      session === 1
        ? lacking.sort((a, b) => effort(a) - effort(b))
        : createRng(`${seed}/${session}`).shuffle(lacking);
    for (let at = 0; at < todo.length; at += BATCH) {
      report(todo.slice(at));
      if (surroundings.stop()) return { timed: timed.size, finished: false };
      const batch = todo.slice(at, at + BATCH);
      const elapsed = stopwatch();
      const found = await timeSegments(batch, `${seed}/${session}/${at}`, boundaries, options);
      if (found === null) return { timed: timed.size, finished: false };
      for (const [key, reading] of found) {
        lines.set(key, withReading(lines.get(key), reading));
        timed.add(key);
      }
      pace.add(
        batch.map((key) => ({ effort: effort(key) })),
        elapsed() / 1000,
      );
      options.save();
    }
  }
  report([]);
  return { timed: timed.size, finished: true };
}

function disagree(line: TableEntry | undefined, least: number): boolean {
  const [first = 0, second = first] = line?.sessionsMs ?? [];
  const apart = Math.abs(first - second);
  return apart > DISAGREE * Math.max(first, second) && apart > least;
}
