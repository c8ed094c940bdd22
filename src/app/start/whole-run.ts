import {
  faultOf,
  formatDuration,
  isNasError,
  noteIfWritable,
  stopwatch,
  type Json,
} from '../../core/index.js';
import type { SearchResult } from '../../search/index.js';
import type { Trial, TrialReader, TrialStore } from '../../trials/index.js';
import { chooseFinal, presetFor, type FinalNetwork } from './choose-final.js';
import type { Listener } from '../events.js';
import { exportTrial, type Exported } from '../export/phase.js';
import { bestSeed, refinePhase, requireTrial } from '../refine/phase.js';
import { finishedRetrain, retrainPhase, retrainPreset } from '../retrain/phase.js';
import { searchPhase } from '../search/phase.js';
import type { Session } from '../study/session.js';
import { compareFinalists } from './compare-finalists.js';
import { finalistLatency } from './finalists.js';
import { PHASES, secondsFor, sharesOf, type Phase } from './time-plan.js';

export interface WholeRun {
  /**
   * `interrupted`, `failed` (the final training gave no network): everything done is kept, and the same call resumes
   * at the phase that did not end.
   */
  readonly ended: 'done' | 'failed' | 'interrupted';
  /** The retrained network, once there is one. */
  readonly final: Trial | undefined;
  /** Where it comes from. */
  readonly origin: FinalNetwork | undefined;
  readonly exported: readonly Exported[];
}

const SECONDS = 'run.seconds';
const SEARCHED = 'run.searched';
const REFINED = 'run.refined';
const COMPARED = 'run.compared';
/** What the retraining may take, set when it first begins: it is resumed within the same time. */
const RETRAIN_SECONDS = 'run.retrain.seconds';
const FINISHED = 'run.finished';

/** Whether this study is one of a whole run: each notes its time, from its beginning. */
export function isWholeRun(reader: TrialReader): boolean {
  return reader.noted(SECONDS) !== undefined;
}

/** Whether a whole run of this study exported its network; an older version noted the end of failed ones too. */
export function isFinished(reader: TrialReader): boolean {
  return reader.noted(FINISHED) === true && reader.count({ kinds: ['retrain'], states: ['done'] }) > 0;
}

/** The clock of a whole run: seconds used over all sessions, and what is left of the budget. */
export interface RunClock {
  /** The whole budget; null for none. */
  readonly wholeSeconds: number | null;
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
    wholeSeconds: budgetSeconds,
    usedSeconds,
    leftSeconds: () => (budgetSeconds === null ? null : Math.max(0, budgetSeconds - usedSeconds())),
    keep: () => {
      noteIfWritable(() => store.note(SECONDS, usedSeconds()));
    },
  };
}

/**
 * The whole recipe on one study: search, NetAdapt on the best, retraining, export. Each phase gets its share of the
 * time that is left (see time-plan); interrupted anywhere, the same call resumes there.
 * @throws NasError what any phase finds
 */
export async function wholeRun(session: Session, clock: RunClock, listen: Listener): Promise<WholeRun> {
  clock.keep();
  try {
    // What later phases begin with is another trial on another device.
    if (session.newDevice) await session.pool();
    return (await phases(session, clock, listen)) ?? INTERRUPTED;
  } catch (error) {
    const waited = faultOf(error)?.fault === 'transient';
    if (session.signal.aborted && isNasError(error) && !waited) return INTERRUPTED;
    throw error;
  } finally {
    clock.keep();
  }
}

/** `plan for 12 min: search …`; what a phase leaves unused goes to those after it. */
function planText(seconds: number): string {
  const shares = sharesOf(seconds);
  const parts = PHASES.filter((phase) => shares[phase] > 0).map(
    (phase) => `${PHASE_NAMES[phase]} ${formatDuration(shares[phase] * seconds)}`,
  );
  return `plan for ${formatDuration(seconds)}: ${parts.join(', ')}`;
}

const PHASE_NAMES: Readonly<Record<Phase, string>> = {
  search: 'search',
  refine: 'NetAdapt',
  finalists: 'finalists',
  retrain: 'final training',
  export: 'export',
};

const INTERRUPTED: WholeRun = { ended: 'interrupted', final: undefined, origin: undefined, exported: [] };

/** Undefined when interrupted. */
async function phases(session: Session, clock: RunClock, listen: Listener): Promise<WholeRun | undefined> {
  const { store, signal } = session;
  const whole = clock.wholeSeconds;
  const share = (phase: Phase): number | null => {
    clock.keep();
    const left = clock.leftSeconds();
    return left === null || whole === null ? null : secondsFor(phase, left, whole);
  };

  const note = (key: string, value: Json): Promise<void> =>
    session.retry.run(() => {
      store.note(key, value);
    }, signal);

  const retrainSeconds = async (): Promise<number | null> => {
    const noted = store.noted(RETRAIN_SECONDS);
    if (typeof noted === 'number') return noted;
    const seconds = share('retrain');
    if (seconds !== null) await note(RETRAIN_SECONDS, seconds);
    return seconds;
  };

  if (whole !== null && clock.usedSeconds() < 1) listen({ phase: 'prepare', text: planText(whole) });
  if (store.noted(SEARCHED) !== true) {
    if ((await search(session, clock, listen)) === 'interrupted') return undefined;
    await note(SEARCHED, true);
  }
  if (store.noted(REFINED) !== true) {
    if ((await refine(session, share('refine'), listen)) === 'interrupted') return undefined;
    await note(REFINED, true);
  }
  if (store.noted(COMPARED) !== true) {
    if ((await compareFinalists(session, share('finalists'), listen)) === 'interrupted') return undefined;
    await note(COMPARED, true);
  }
  const origin = await chooseFinal(session, listen);
  let final = finishedRetrain(store, parentAndText(store, origin));
  if (final === undefined) {
    const seconds = await retrainSeconds();
    final =
      origin.kind === 'trial'
        ? await retrainPhase(
            session,
            {
              ...{ trial: origin.trial, seconds, fitted: origin.fitted },
              latency: finalistLatency(store, origin.trial),
            },
            listen,
          )
        : await retrainPreset(session, origin.scaled, seconds, listen);
    if (final.state === 'running') return undefined;
  }
  if (final.state !== 'done') return { ended: 'failed', final, origin, exported: [] };
  if (signal.aborted) return undefined;
  const exported: Exported[] = [];
  for (const format of ['json', 'tfjs']) {
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
  await note(FINISHED, true);
  return { ended: 'done', final, origin, exported };
}

function parentAndText(store: TrialStore, origin: FinalNetwork): Pick<Trial, 'parent' | 'text'> {
  if (origin.kind === 'preset') return { parent: null, text: origin.scaled.text };
  return { parent: origin.trial, text: origin.fitted?.text ?? requireTrial(store, origin.trial).text };
}

/**
 * A search that trained nothing ends here too, and so does one that was refused, where a published network can be scaled
 * to the target.
 */
async function search(session: Session, clock: RunClock, listen: Listener): Promise<'interrupted' | 'ended'> {
  try {
    const result = await searchWithin(session, clock, listen);
    return result.ended === 'interrupted' ? 'interrupted' : 'ended';
  } catch (error) {
    if (!isNasError(error) || !WITHOUT_A_NETWORK.includes(error.code)) throw error;
    if (error.code === UNREACHABLE && (await presetFor(session))?.meets !== true) throw error;
    listen({ phase: 'prepare', text: `search: ${error.found}` });
    return 'ended';
  }
}

const UNREACHABLE = 'NAS_TARGET_UNREACHABLE';
const WITHOUT_A_NETWORK: readonly string[] = [UNREACHABLE, 'NAS_NOTHING_FEASIBLE', 'NAS_BUDGET_TOO_SHORT'];

async function refine(
  session: Session,
  seconds: number | null,
  listen: Listener,
): Promise<'interrupted' | 'ended'> {
  const { spec, store } = session;
  const { targetMs, searchFactor } = spec.latency;
  if (store.count({ kinds: ['sample'], states: ['done'] }) === 0) return 'ended';
  // A short budget has no share for it; where nothing meets the target, the search's leftover is its chance.
  if (seconds === 0 || spec.strategy.name === 'scale') return 'ended';
  const trial = await bestSeed(store, targetMs * searchFactor);
  const goal = refineTarget(targetMs, store.trial(trial));
  try {
    const result = await refinePhase(session, { trial, targetMs: goal, seconds }, listen);
    return result.reason === 'interrupted' ? 'interrupted' : 'ended';
  } catch (error) {
    // The table covers what was searched, and that need not wait for what it covers no more.
    if (!isNasError(error) || error.code !== 'NAS_TABLE_RANGE') throw error;
    listen({ phase: 'prepare', text: `warning: NetAdapt left out: ${error.found}; ${error.fix ?? ''}` });
    return 'ended';
  }
}

/** The search counts its own time over sessions; its budget is what it has used and its share of what is left. */
function searchWithin(session: Session, clock: RunClock, listen: Listener): Promise<SearchResult> {
  const left = clock.leftSeconds();
  if (left === null || clock.wholeSeconds === null) return searchPhase(session, listen);
  const used = session.store.noted('search.seconds');
  const unsearched = left + (typeof used === 'number' ? used : 0);
  return searchPhase(session, listen, secondsFor('search', unsearched, clock.wholeSeconds));
}

/** The target; where the seed meets it already, a network clearly faster than the seed, so that there is a choice. */
function refineTarget(targetMs: number, seed: Trial | undefined): number {
  const seedMs = seed?.outcome?.latency?.medianMs ?? targetMs;
  return Math.min(targetMs, CLEARLY_FASTER * seedMs);
}

const CLEARLY_FASTER = 0.8;
