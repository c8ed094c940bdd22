import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { specOf, viewOfStudy, viewOfTrial } from '../app/index.js';
import { isNasError, messageOf, NasError, stopwatch } from '../core/index.js';
import {
  finalResult,
  type Problem,
  type StudyCard,
  type StudyView,
  type TrialView,
} from '../report/index.js';
import {
  checkStudyName,
  readRunsFolder,
  readStudy,
  skippedFrom,
  type RowQuery,
  type Skipped,
  type TrialReader,
  type TrialRow,
} from '../trials/index.js';
import { stampOf, type Stamp } from './files.js';

/** What the server answers with; each call opens the store, reads and closes it, so that no writer ever waits. */
export interface Studies {
  list(): readonly StudyCard[];
  /** @throws NasError as `readStudy`, `NAS_BAD_STUDY_NAME` */
  view(name: string): StudyView;
  /** @throws NasError as {@link Studies.view}, `NAS_TRIAL_MISSING` */
  trial(name: string, id: number): TrialView;
  /** @throws NasError as {@link Studies.view} */
  rows(name: string, query: RowQuery): readonly TrialRow[];
  /** Their numbers only. @throws NasError as {@link Studies.view} */
  numbers(name: string, query: RowQuery): readonly number[];
}

interface Kept<T> {
  readonly stamp: string;
  readonly value: T;
  /** What a view cost to make: an expensive one is not rebuilt each second. */
  readonly costMs: number;
  readonly ageMs: () => number;
}

/** A view is rebuilt at the earliest after this multiple of the time that it took to build. */
const REST = 4;
/** Number of studies whose views are kept. */
const MOST_VIEWS = 6;

export function studiesIn(runs: string): Studies {
  const views = new Map<string, Kept<StudyView>>();
  const cards = new Map<string, Kept<StudyCard>>();

  const folderOf = (name: string): string => join(runs, checkStudyName(name));

  function reading<T>(name: string, read: (reader: TrialReader) => T): T {
    const folder = folderOf(name);
    const skipped = existsSync(folder) ? skippedFrom(runs, name) : undefined;
    if (skipped !== undefined) throw notShown(runs, skipped);
    using reader = readStudy(folder);
    return read(reader);
  }

  function kept<T>(memory: Map<string, Kept<T>>, name: string, stamp: Stamp | null, make: () => T): T {
    const known = memory.get(name);
    const fresh = known !== undefined && (known.stamp === stamp?.text || known.ageMs() < REST * known.costMs);
    memory.delete(name);
    if (stamp === null) return make();
    if (fresh) {
      memory.set(name, known);
      return known.value;
    }
    const watch = stopwatch();
    const value = make();
    memory.set(name, { stamp: stamp.text, value, costMs: watch(), ageMs: stopwatch() });
    return value;
  }

  function card(name: string): StudyCard {
    try {
      const stamp = stampOf(folderOf(name));
      return kept(cards, name, stamp, () => reading(name, (reader) => cardOf(name, reader, stamp)));
    } catch (error) {
      return { name, problem: problemOf(error) };
    }
  }

  return {
    list() {
      const { studies, skipped } = readRunsFolder(runs);
      const notes = skipped
        .filter(({ because }) => because === 'name' || because === 'link')
        .map((one) => ({ name: one.name, problem: problemOf(notShown(runs, one)) }));
      return [...studies.map(card), ...notes].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    view(name) {
      const view = kept(views, name, stampOf(folderOf(name)), () => reading(name, viewOfStudy));
      for (const oldest of views.keys()) {
        if (views.size <= MOST_VIEWS) break;
        views.delete(oldest);
      }
      return view;
    },
    trial(name, id) {
      const view = reading(name, (reader) => viewOfTrial(reader, id));
      if (view !== undefined) return view;
      throw new NasError({
        code: 'NAS_TRIAL_MISSING',
        found: `study ${name} has no trial ${id}`,
        fix: `nas trials ${name} lists them`,
      });
    },
    rows: (name, query) => reading(name, (reader) => reader.rows(query)),
    numbers: (name, query) =>
      reading(name, (reader) => reader.values(['trial'], query).map(([trial]) => Number(trial))),
  };
}

function notShown(runs: string, { name, because, why, fix }: Skipped): NasError {
  const code = because === 'name' ? 'NAS_BAD_STUDY_NAME' : 'NAS_STUDY_MISSING';
  return new NasError({ code, found: `${join(runs, name)}: ${why}`, fix });
}

function cardOf(name: string, reader: TrialReader, stamp: Stamp | null): StudyCard {
  const { space, data, latency } = specOf(reader);
  const best = reader.best(latency.targetMs);
  const result = finalResult(reader.rows({ kinds: ['retrain'], states: ['done'] }), latency.targetMs);
  return {
    name,
    problem: null,
    space: space.name,
    data: data.name,
    targetMs: latency.targetMs,
    trials: reader.count(),
    done: reader.count({ states: ['done'] }),
    result: result && {
      trial: result.row.trial,
      accuracy: result.row.accuracy ?? 0,
      latencyMs: result.row.latencyMs ?? 0,
      meets: result.meets,
    },
    best:
      best === undefined
        ? null
        : { trial: best.trial, accuracy: best.accuracy ?? 0, latencyMs: best.latencyMs ?? 0 },
    writtenAt: stamp?.writtenAt ?? 0,
    running: reader.count({ states: ['running'] }) > 0,
  };
}

/** Code of what is no error of ours. */
export const BUG = 'NAS_BUG';

/** What goes out of an error: ours in full, of a bug its first line. */
export function problemOf(error: unknown): Problem {
  if (!isNasError(error)) return { code: BUG, found: `a bug in platform-nas: ${messageOf(error)}` };
  const { code, found, expected, fix } = error;
  return {
    code,
    found,
    ...(expected === undefined ? {} : { expected }),
    ...(fix === undefined ? {} : { fix }),
  };
}
