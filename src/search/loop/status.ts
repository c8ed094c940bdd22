import type { Evaluator } from '../../trials/index.js';
import type { Meter, SearchBudget } from './budget.js';
import type { SearchStatus } from './events.js';
import type { SearchStatistics } from './statistics.js';

export interface StatusParts {
  readonly budget: SearchBudget;
  readonly statistics: SearchStatistics;
  readonly meter: Meter;
  readonly evaluator: Pick<Evaluator, 'slots'>;
  readonly running: number;
  /** Trials finished in this session. */
  readonly finished: number;
}

export function searchStatus(parts: StatusParts): SearchStatus {
  const { budget, statistics, meter, evaluator, running, finished } = parts;
  const used = meter.secondsUsed();
  const pace = statistics.pace();
  const each = finished > 0 ? meter.secondsHere() / finished : pace === null ? null : pace / evaluator.slots;
  const byTrials =
    budget.trials === null || each === null
      ? null
      : each * Math.max(0, budget.trials - statistics.finished());
  const byTime = budget.seconds === null ? null : Math.max(0, budget.seconds - used);
  return {
    done: statistics.count('done'),
    infeasible: statistics.count('infeasible'),
    failed: statistics.count('failed'),
    running,
    trials: budget.trials,
    secondsUsed: used,
    seconds: budget.seconds,
    secondsLeft: byTrials === null ? byTime : byTime === null ? byTrials : Math.min(byTrials, byTime),
  };
}
