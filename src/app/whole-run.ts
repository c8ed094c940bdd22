import { stopwatch } from '../core/index.js';
import type { RefineResult } from '../netadapt/index.js';
import type { SearchResult } from '../search/index.js';
import { bestUnder, frontier, type Trial, type TrialReader, type TrialStore } from '../trials/index.js';
import type { Listener } from './events.js';
import { exportTrial, type Exported } from './export-phase.js';
import { bestSeed, refinePhase } from './refine-phase.js';
import { bestTrial, retrainPhase } from './retrain-phase.js';
import { searchPhase } from './search-phase.js';
import type { Session } from './session.js';
import { secondsFor, type Phase } from './time-plan.js';

export interface WholeRun {
  /** `interrupted`: everything done is kept, the same call goes on. */
  readonly ended: 'done' | 'interrupted';
  /** The retrained network, once there is one. */
  readonly final: Trial | undefined;
  readonly exported: readonly Exported[];
}

const SECONDS = 'run.seconds';
const SEARCHED = 'run.searched';
const REFINED = 'run.refined';
const FINISHED = 'run.finished';

/** Whether a whole run of this study came to its end. */
export function isFinished(reader: TrialReader): boolean {
  return reader.noted(FINISHED) === true;
}

/** The clock of a whole run: seconds used over all sessions, and what is left of the budget. */
export interface RunClock {
  usedSeconds(): number;
  /** null without a budget. */
  leftSeconds(): number | null;
  keep(): void;
}

export function runClock(store: TrialStore, budgetSeconds: number | null): RunClock {
  const noted = store.noted(SECONDS);
  const before = typeof noted === 'number' ? noted : 0;
  const here = stopwatch();
  const usedSeconds = (): number => before + here() / 1000;
  return {
    usedSeconds,
    leftSeconds: () => (budgetSeconds === null ? null : Math.max(0, budgetSeconds - usedSeconds())),
    keep: () => {
      store.note(SECONDS, usedSeconds());
    },
  };
}

/**
 * The whole recipe on one study: search, NetAdapt on the best, retraining, export. Each phase gets its share of the
 * time that is left (see time-plan); interrupted anywhere, the same call goes on there.
 * @throws NasError what any phase finds
 */
export async function wholeRun(session: Session, clock: RunClock, listen: Listener): Promise<WholeRun> {
  const { spec, store, signal } = session;
  const { targetMs, searchFactor } = spec.latency;
  const stopped = (): WholeRun => ({ ended: 'interrupted', final: undefined, exported: [] });
  const share = (phase: Phase): number | null => {
    clock.keep();
    const left = clock.leftSeconds();
    return left === null ? null : secondsFor(phase, left);
  };

  if (store.noted(SEARCHED) !== true) {
    const result = await searchWithin(session, clock, listen);
    if (result.ended === 'interrupted') return stopped();
    store.note(SEARCHED, true);
  }
  if (store.noted(REFINED) !== true) {
    const seconds = share('refine');
    const trial = bestSeed(store, targetMs * searchFactor);
    const goal = refineTarget(targetMs, store.trial(trial));
    const result: RefineResult = await refinePhase(session, { trial, targetMs: goal, seconds }, listen);
    if (result.reason === 'interrupted') return stopped();
    store.note(REFINED, true);
  }
  const chosen = bestTrial(store, targetMs) ?? fastest(store);
  let final = finishedRetrain(store, chosen);
  if (final === undefined) {
    final = await retrainPhase(session, { trial: chosen, seconds: share('retrain') }, listen);
    if (final.state === 'running') return stopped();
  }
  clock.keep();
  if (signal.aborted) return stopped();
  const exported: Exported[] = [];
  for (const format of ['json', 'tfjs']) {
    if (final.state !== 'done') break;
    listen({ phase: 'export', text: `export: ${format}, trial ${final.id}` });
    exported.push(
      await exportTrial(session.places, store, final, {
        trial: final.id,
        format,
        out: null,
        verify: true,
        dataFolder: null,
      }),
    );
  }
  clock.keep();
  store.note(FINISHED, true);
  return { ended: 'done', final, exported };
}

/** The search counts its own time over sessions; its budget is what it has used and its share of what is left. */
function searchWithin(session: Session, clock: RunClock, listen: Listener): Promise<SearchResult> {
  const left = clock.leftSeconds();
  if (left === null) return searchPhase(session, listen);
  const used = session.store.noted('search.seconds');
  const whole = left + (typeof used === 'number' ? used : 0);
  return searchPhase(session, listen, secondsFor('search', whole));
}

/** The target; where the seed meets it already, a network clearly faster than the seed, so that there is a choice. */
function refineTarget(targetMs: number, seed: Trial | undefined): number {
  const seedMs = seed?.outcome?.latency?.medianMs ?? targetMs;
  return Math.min(targetMs, CLEARLY_FASTER * seedMs);
}

const CLEARLY_FASTER = 0.8;

function finishedRetrain(reader: TrialReader, parent: number): Trial | undefined {
  const row = reader.rows({ kinds: ['retrain'], states: ['done'], parent })[0];
  return row === undefined ? undefined : reader.trial(row.trial);
}

/** Where nothing meets the target: the fastest of the frontier, so that there is a result, told as what it is. */
function fastest(reader: TrialReader): number {
  const rows = reader.rows({ states: ['done'] });
  const row = frontier(rows)[0] ?? bestUnder(rows, Number.POSITIVE_INFINITY);
  if (row === undefined) throw new TypeError('a search that ended well has no done trial');
  return row.trial;
}
