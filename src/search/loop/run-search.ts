import { createPause, stopwatch, withoutRetry } from '../../core/index.js';
import { bestSoFar, type Job, type Trial } from '../../trials/index.js';
import { afterTimeout, createMeter } from './budget.js';
import { createCandidates } from './candidates.js';
import { createCommitter } from './committer.js';
import { nothingDone } from './stop-reason.js';
import type { SearchEvent, SearchStatus } from './events.js';
import { createFailureWatch } from './failures.js';
import { createInFlight } from './in-flight.js';
import { createLatencyGate } from './latency-gate.js';
import { createSearchStatistics } from './statistics.js';
import { probabilityNotes } from '../strategies/probability-notes.js';
import type { SearchOptions, SearchResult } from './options.js';
import { createProposer } from './proposer.js';
import { createQueue } from './queue.js';
import { searchStatus } from './status.js';
import { createStopping } from './stopping.js';
import { undecodable } from './undecodable.js';

/**
 * The search loop; begins where the study stands. Candidates that an earlier session left unfinished are evaluated
 * first. A proposal that the latency gate
 * refuses becomes no candidate while another can be had in its place. An infeasible candidate is reported with the reward of the lowest accuracy reached so far (of chance before
 * any) at its measured latency; stopped and failed ones teach nothing. A space that cannot decode a genome, an evaluator
 * and a reward that throw each fail the candidate they were at. A search that cannot end before its time
 * budget with one more candidate does not begin it; candidates in flight when time is up are stopped. It never
 * holds the event loop for more than some milliseconds at a time.
 * @throws NasError what keeps the evaluator from evaluating anything; `NAS_SEARCH_FAILED` when candidates fail for a cause that is not theirs or none is done at all,
 *   `NAS_NOTHING_FEASIBLE` when all were too slow, `NAS_BUDGET_TOO_SHORT` when time was up before one was done.
 *   After any of them the study can be resumed.
 */
export async function runSearch(options: SearchOptions): Promise<SearchResult> {
  const { store, strategy, evaluator, budget, space, targetMs, signal } = options;
  const { gateFactor = null, elapsedMs = stopwatch(), pause = createPause(), retry = withoutRetry } = options;
  if (budget.trials === null && budget.seconds === null) throw new RangeError('a search without any budget');
  const meter = createMeter(store, elapsedMs);
  const emit = (event: SearchEvent): void => options.onEvent?.(event);
  const limitMs = gateFactor === null ? Infinity : gateFactor * targetMs;
  const predictor = options.mode === 'batch' ? undefined : options.predictor;
  const latencyGate = createLatencyGate(predictor, limitMs, targetMs);
  const proposer = createProposer({
    ...{ space, strategy, latencyGate, pause, seed: store.study.seed },
    onRepeat: (trial) => {
      emit({ kind: 'repeat', trial, status: status() });
    },
  });
  const statistics = await createSearchStatistics(store, options.expectedSeconds ?? null, pause, (row) => {
    if (row.state !== 'stopped') proposer.learn(row.text, row);
  });
  const inFlight = createInFlight(evaluator, (progress) => {
    meter.keep(true);
    emit({ kind: 'progress', progress, status: status() });
  });
  const stopping = createStopping(budget, meter, statistics.pace, inFlight.stop);
  const noteProbabilities = probabilityNotes(strategy, space, store);
  const queue = createQueue(store);
  const write = <T>(run: () => T): Promise<T> => retry.run(run, inFlight.signal);
  const committer = createCommitter({
    ...{ options, write, queue, statistics, meter, latencyGate, stopping, pause },
    failures: createFailureWatch(statistics.count('done') > 0),
    onFinished: (trial) => {
      noteProbabilities(statistics.finished());
      emit({ kind: 'finished', trial, status: status() });
    },
  });
  const candidates = createCandidates({ options, write, queue, statistics, proposer, stopping });
  const status = (): SearchStatus =>
    searchStatus({
      budget,
      statistics,
      meter,
      evaluator,
      running: inFlight.size(),
      finished: committer.committed(),
    });

  /** Gives each free slot a candidate; those whose end is known without an evaluation are committed immediately. */
  async function fill(): Promise<void> {
    while (inFlight.size() < evaluator.slots && stopping.ended === undefined) {
      const trial = await candidates.next();
      if (trial === undefined) return;
      const known = undecodable(space, trial) ?? latencyGate.endOf(trial);
      if (known !== null) {
        await committer.settle({ trial, outcome: known });
        await pause();
        continue;
      }
      inFlight.start(trial, jobOf(trial, options));
      emit({ kind: 'begun', trial, status: status() });
    }
  }

  const unwatch = stopping.watch(signal, options.after ?? afterTimeout);
  try {
    noteProbabilities(statistics.finished());
    await fill();
    while (inFlight.size() > 0) {
      await committer.settle(await inFlight.next());
      await fill();
    }
    if (stopping.ended === 'seconds') await committer.stopLeft();
  } finally {
    unwatch();
    inFlight.stop();
    await inFlight.drained();
  }
  meter.keep();
  const { ended = 'trials', failure } = stopping;
  if (failure !== undefined) throw failure;
  if (ended !== 'interrupted' && statistics.count('done') === 0) throw nothingDone(statistics, targetMs);
  const best = (await bestSoFar(store, targetMs, { kinds: ['sample'] }, pause)).trial();
  if (ended !== 'exhausted') return { ended, status: status(), best };
  const exhausted = candidates.exhausted();
  emit({ kind: 'exhausted', ...exhausted, status: status() });
  return { ended, status: status(), best, exhausted };
}

function jobOf(trial: Trial, options: SearchOptions): Job {
  const { targetMs, gateFactor = null, initial = [] } = options;
  const timed = trial.attempts > 1 ? undefined : initial.find(({ text }) => text === trial.text)?.latency;
  return {
    trial: trial.id,
    text: trial.text,
    seed: trial.seed,
    start: { kind: 'random' },
    plan: options.plan,
    evaluationSplit: 'validation',
    gateMs: gateFactor === null ? null : gateFactor * targetMs,
    targetMs,
    checkpoint: options.checkpoint?.(trial.id) ?? null,
    timing: 'short',
    ...(timed === undefined ? {} : { latency: timed }),
  };
}
