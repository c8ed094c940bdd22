import { ratio, type Pause, type Ratio } from '../../core/index.js';
import { bindingMs, trialRow, type Outcome, type Trial } from '../../trials/index.js';
import type { Meter } from './budget.js';
import type { FailureWatch } from './failures.js';
import type { Settled } from './in-flight.js';
import type { LatencyGate } from './latency-gate.js';
import type { SearchStatistics } from './statistics.js';
import type { TrialQueue } from './queue.js';
import { rewarded } from '../reward.js';
import type { SearchOptions } from './options.js';
import type { Stopping } from './stopping.js';
import { finishedOf } from './finished.js';
import { teach } from './teach.js';

/** Teaches the strategy how trials ended and commits them, one after the other. */
export interface Committer {
  /** Takes how a trial ended. In mode `batch` it waits until all before it are committed. */
  settle(settled: Settled): Promise<void>;
  /** Ends all trials that are left as stopped. */
  stopLeft(): Promise<void>;
  /** Trials committed in this session. */
  committed(): number;
}

export interface CommitterParts {
  readonly options: SearchOptions;
  /** Runs what writes to the store. */
  readonly write: <T>(run: () => T) => Promise<T>;
  readonly queue: TrialQueue;
  readonly statistics: SearchStatistics;
  readonly meter: Meter;
  readonly latencyGate: LatencyGate;
  readonly failures: FailureWatch;
  readonly stopping: Stopping;
  readonly pause: Pause;
  readonly onFinished: (trial: Trial) => void;
}

export function createCommitter(parts: CommitterParts): Committer {
  const { options, write, queue, statistics, meter, latencyGate, failures, stopping, pause } = parts;
  const { store, strategy, targetMs, space } = options;
  let committed = 0;

  function rewardOf(outcome: Outcome): number | null {
    if (outcome.state !== 'done' && outcome.state !== 'infeasible') return null;
    const latencyMs = bindingMs(outcome.latency, targetMs);
    if (outcome.state === 'done') return options.reward(outcome.accuracy, latencyMs);
    const accuracy: Ratio = ratio(statistics.lowest() ?? 1 / space.task.classes);
    return options.reward(accuracy, latencyMs);
  }

  async function commit(trial: Trial, result: Outcome): Promise<void> {
    const { outcome, reward } = rewarded(latencyGate.withPrediction(trial.id, result), rewardOf);
    const { id } = trial;
    if (trial.genome !== null) await teach(strategy, [finishedOf(trial, outcome, reward, targetMs)], pause);
    const state = strategy.save();
    const finished = await write(() => store.finish(id, outcome, reward, state));
    queue.remove(trial);
    statistics.add(trialRow(finished));
    committed++;
    options.predictor?.learn(trialRow(finished));
    meter.keep();
    parts.onFinished(finished);
    const failure = failures.see(outcome);
    if (failure !== undefined) stopping.fail(failure);
  }

  return {
    async settle({ trial, outcome }) {
      if (outcome.state === 'unavailable') {
        stopping.fail(outcome.error);
        return;
      }
      const interrupted = stopping.ended === 'interrupted';
      if (interrupted && outcome.state !== 'done' && outcome.state !== 'infeasible') return;
      if (options.mode !== 'batch') {
        await commit(trial, outcome);
        return;
      }
      queue.hold(trial, outcome);
      for (let next = queue.ready(); next !== undefined; next = queue.ready())
        await commit(next.trial, next.outcome);
    },
    async stopLeft() {
      for (const { trial, outcome } of queue.left()) await commit(trial, outcome ?? stoppedBeforeStart());
    },
    committed: () => committed,
  };
}

function stoppedBeforeStart(): Outcome {
  return { state: 'stopped', reason: 'the time budget was used up', latency: null, curve: [], seconds: 0 };
}
