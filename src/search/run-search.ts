import { ratio, stopwatch, type Ms, type Ratio } from '../core/index.js';
import type { SearchSpace } from '../space/index.js';
import {
  bestUnder,
  tightestMs,
  trialRow,
  type Evaluator,
  type Job,
  type NewTrial,
  type Outcome,
  type TrainingPlan,
  type Trial,
  type TrialRow,
  type TrialStore,
} from '../trials/index.js';
import { afterTimeout, createMeter, type After, type SearchBudget } from './budget.js';
import { nothingDone, type Ended } from './endings.js';
import type { SearchEvent, SearchStatus } from './events.js';
import { createFailureWatch } from './failures.js';
import { createFlight, type Landed } from './flight.js';
import { createForetelling, type Foresight } from './foretelling.js';
import { createLedger } from './ledger.js';
import { probabilityNotes } from './probability-notes.js';
import { createProposer } from './proposer.js';
import { rewarded, type Reward } from './reward.js';
import type { Strategy } from './strategy.js';
import { undecodable } from './undecodable.js';

export interface SearchOptions {
  readonly space: SearchSpace;
  /** Made with `saved: store.strategyState()`, so that it stands where the study stands. */
  readonly strategy: Strategy;
  readonly reward: Reward;
  readonly store: TrialStore;
  readonly evaluator: Evaluator;
  readonly targetMs: Ms;
  readonly budget: SearchBudget;
  /** How each candidate is trained. */
  readonly plan: TrainingPlan;
  /** Wall-clock limit of one candidate, in seconds. */
  readonly deadlineSeconds: number;
  /**
   * `async` (default): each free slot gets a new candidate at once. `batch`: candidates are asked for in batches and
   * told in the order of their ids, so the table of trials does not depend on the number of slots or on who is first.
   */
  readonly mode?: 'async' | 'batch';
  /** Candidates of one batch; default 4. */
  readonly batchSize?: number;
  /** Candidates slower than this times the target are not trained; default null: all are. */
  readonly gateFactor?: number | null;
  /**
   * Latencies foretold from those measured so far. A candidate whose least foretold latency is over the gate is neither
   * timed nor trained. In mode `batch` it is not asked: what it knows would depend on who was first.
   */
  readonly foresight?: Foresight;
  /** Seconds one candidate will take, until one is done; default null: unknown. */
  readonly expectedSeconds?: number | null;
  /** Name of the file that a trial's weights are kept in; default none. */
  readonly checkpoint?: (trial: number) => string | null;
  /** Ends the search at the user's wish: candidates in flight stay unfinished and are taken up on resuming. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: SearchEvent) => void;
  /** A monotonic clock in ms; default: the machine's. */
  readonly elapsedMs?: () => number;
  /** Default `setTimeout`. */
  readonly after?: After;
}

export interface SearchResult {
  readonly ended: Ended;
  readonly status: SearchStatus;
  /** The most accurate candidate that meets the target, or undefined when none does. */
  readonly best: TrialRow | undefined;
}

/**
 * The search loop; begins where the study stands. Candidates that an earlier session left unfinished are evaluated
 * first. An infeasible candidate is told with the reward of the lowest accuracy reached so far (of chance before
 * any) at its measured latency; stopped and failed ones teach nothing. A space that cannot decode a genome, an evaluator
 * and a reward that throw each fail the candidate they were at. A search that cannot end before its time
 * budget with one more candidate does not begin it; candidates in flight when time is up are stopped.
 * @throws NasError what keeps the evaluator from evaluating anything; `NAS_SEARCH_FAILED` when candidates fail for a cause that is not theirs or none is done at all,
 *   `NAS_NOTHING_FEASIBLE` when all were too slow, `NAS_BUDGET_TOO_SHORT` when time was up before one was done.
 *   Whatever is thrown, the study can be resumed.
 */
export async function runSearch(options: SearchOptions): Promise<SearchResult> {
  const { store, strategy, evaluator, budget, space, targetMs, signal } = options;
  const { mode = 'async', batchSize = 4, gateFactor = null, after = afterTimeout } = options;
  if (budget.trials === null && budget.seconds === null) throw new RangeError('a search without any budget');
  const meter = createMeter(store, options.elapsedMs ?? stopwatch());
  const proposer = createProposer(space, strategy, store.study.seed, (trial) => {
    emit({ kind: 'repeat', trial, status: status() });
  });
  const ledger = createLedger(store, options.expectedSeconds ?? null, (row) => {
    if (row.state !== 'stopped') proposer.learn(row.text, row);
  });
  const limitMs = gateFactor === null ? Infinity : gateFactor * targetMs;
  const foretelling = createForetelling(mode === 'batch' ? undefined : options.foresight, limitMs);
  const noteProbabilities = probabilityNotes(strategy, space, store);
  const watch = createFailureWatch(ledger.count('done') > 0);
  const flight = createFlight(evaluator, (progress) => {
    meter.keep(true);
    emit({ kind: 'progress', progress, status: status() });
  });

  /** Begun and not finished, by ascending id; of these, not handed to the evaluator yet; ended but not told yet. */
  const unfinished = new Map<number, Trial>();
  const waiting: Trial[] = [];
  const held = new Map<number, Outcome>();
  let nextId = (store.rows({ sort: 'trial', descending: true, limit: 1 })[0]?.trial ?? 0) + 1;
  let finishedHere = 0;
  let ended: Ended | undefined;
  let failure: Error | undefined;

  for (const trial of store.trials({ kinds: ['sample'], states: ['running'] })) {
    unfinished.set(trial.id, trial);
    waiting.push(trial);
  }
  const resumed = new Set(waiting);

  function emit(event: SearchEvent): void {
    options.onEvent?.(event);
  }

  function status(): SearchStatus {
    const used = meter.secondsUsed();
    const pace = ledger.pace();
    const each =
      finishedHere > 0 ? meter.secondsHere() / finishedHere : pace === null ? null : pace / evaluator.slots;
    const byTrials =
      budget.trials === null || each === null ? null : each * Math.max(0, budget.trials - ledger.finished());
    const byTime = budget.seconds === null ? null : Math.max(0, budget.seconds - used);
    return {
      done: ledger.count('done'),
      infeasible: ledger.count('infeasible'),
      failed: ledger.count('failed'),
      running: flight.size(),
      trials: budget.trials,
      secondsUsed: used,
      seconds: budget.seconds,
      secondsLeft: byTrials === null ? byTime : byTime === null ? byTrials : Math.min(byTrials, byTime),
    };
  }

  function oneMoreFits(): boolean {
    if (budget.seconds === null) return true;
    const used = meter.secondsUsed();
    return used < budget.seconds && used + (ledger.pace() ?? 0) <= budget.seconds;
  }

  function begin(): void {
    if (mode === 'batch' && unfinished.size > 0) return;
    const room = budget.trials === null ? Infinity : budget.trials - ledger.finished() - unfinished.size;
    const count = Math.min(mode === 'batch' ? batchSize : 1, room);
    if (count <= 0) {
      if (unfinished.size === 0) ended = 'trials';
      return;
    }
    const pending = [...unfinished.values()].map(({ id, genome, note }) => ({
      trial: id,
      genome: genome ?? [],
      note,
    }));
    const fresh: readonly NewTrial[] = proposer.propose(count, nextId, pending);
    if (fresh.length === 0) {
      if (unfinished.size === 0) ended = 'exhausted';
      return;
    }
    for (const trial of store.begin(fresh, strategy.save())) {
      unfinished.set(trial.id, trial);
      waiting.push(trial);
      nextId = trial.id + 1;
    }
  }

  function fill(): void {
    while (flight.size() < evaluator.slots && ended === undefined) {
      if (!oneMoreFits()) {
        ended = 'seconds';
        return;
      }
      if (waiting.length === 0) begin();
      const next = waiting.shift();
      if (next === undefined) return;
      const trial = resumed.has(next) ? store.retry(next.id) : next;
      const known = undecodable(space, trial) ?? foretelling.endOf(trial);
      if (known !== null) {
        settle({ trial, outcome: known });
        continue;
      }
      flight.start(trial, jobOf(trial));
      emit({ kind: 'begun', trial, status: status() });
    }
  }

  function jobOf(trial: Trial): Job {
    return {
      trial: trial.id,
      text: trial.text,
      seed: trial.seed,
      start: { kind: 'random' },
      plan: options.plan,
      judge: 'validation',
      gateMs: gateFactor === null ? null : gateFactor * targetMs,
      targetMs,
      checkpoint: options.checkpoint?.(trial.id) ?? null,
      deadlineSeconds: options.deadlineSeconds,
    };
  }

  function rewardOf(outcome: Outcome): number | null {
    if (outcome.state !== 'done' && outcome.state !== 'infeasible') return null;
    const latencyMs = tightestMs(outcome.latency, targetMs);
    if (outcome.state === 'done') return options.reward(outcome.accuracy, latencyMs);
    const accuracy: Ratio = ratio(ledger.lowest() ?? 1 / space.task.classes);
    return options.reward(accuracy, latencyMs);
  }

  function commit(trial: Trial, result: Outcome): void {
    const { outcome, reward } = rewarded(foretelling.beside(trial.id, result), rewardOf);
    strategy.tell([
      { trial: trial.id, genome: trial.genome ?? [], note: trial.note, reward, state: outcome.state },
    ]);
    const finished = store.finish(trial.id, outcome, reward, strategy.save());
    unfinished.delete(trial.id);
    ledger.add(trialRow(finished));
    finishedHere++;
    options.foresight?.learn(trialRow(finished));
    meter.keep();
    noteProbabilities(ledger.finished());
    emit({ kind: 'finished', trial: finished, status: status() });
    failure ??= watch.see(outcome);
    if (failure !== undefined) halt('interrupted');
  }

  /** In batch mode an outcome waits until all before it are told. */
  function settle({ trial, outcome }: Landed): void {
    if (outcome.state === 'grounded') {
      failure ??= outcome.error;
      halt('interrupted');
      return;
    }
    const halted = ended === 'interrupted';
    if (halted && outcome.state !== 'done' && outcome.state !== 'infeasible') return;
    if (mode === 'async') {
      commit(trial, outcome);
      return;
    }
    held.set(trial.id, outcome);
    for (const [id, first] of unfinished) {
      const ready = held.get(id);
      if (ready === undefined) return;
      held.delete(id);
      commit(first, ready);
    }
  }

  function halt(how: 'interrupted' | 'seconds'): void {
    if (ended !== 'interrupted') ended = how;
    flight.stop();
  }

  const onAbort = (): void => {
    halt('interrupted');
  };
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort);
  const cancel =
    budget.seconds === null
      ? undefined
      : after(Math.max(0, budget.seconds - meter.secondsUsed()) * 1000, () => {
          halt('seconds');
        });
  try {
    noteProbabilities(ledger.finished());
    fill();
    while (flight.size() > 0) {
      settle(await flight.next());
      fill();
    }
    if (ended === 'seconds')
      for (const [id, trial] of unfinished) commit(trial, held.get(id) ?? stoppedBeforeStart());
  } finally {
    cancel?.();
    signal?.removeEventListener('abort', onAbort);
    flight.stop();
    await flight.drained();
  }
  meter.keep();
  if (failure !== undefined) throw failure;
  if (ended !== 'interrupted' && ledger.count('done') === 0) throw nothingDone(ledger, targetMs);
  return {
    ended: ended ?? 'trials',
    status: status(),
    best: bestUnder(store.rows({ kinds: ['sample'] }), targetMs),
  };
}

function stoppedBeforeStart(): Outcome {
  return { state: 'stopped', reason: 'the time budget was used up', latency: null, curve: [], seconds: 0 };
}
