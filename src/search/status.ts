import type { Evaluator } from '../trials/index.js';
import type { Meter, SearchBudget } from './budget.js';
import type { SearchStatus } from './events.js';
import type { Ledger } from './ledger.js';

export interface StatusParts {
  readonly budget: SearchBudget;
  readonly ledger: Ledger;
  readonly meter: Meter;
  readonly evaluator: Pick<Evaluator, 'slots'>;
  readonly running: number;
  /** Trials finished in this session. */
  readonly finished: number;
}

export function searchStatus(parts: StatusParts): SearchStatus {
  const { budget, ledger, meter, evaluator, running, finished } = parts;
  const used = meter.secondsUsed();
  const pace = ledger.pace();
  const each = finished > 0 ? meter.secondsHere() / finished : pace === null ? null : pace / evaluator.slots;
  const byTrials =
    budget.trials === null || each === null ? null : each * Math.max(0, budget.trials - ledger.finished());
  const byTime = budget.seconds === null ? null : Math.max(0, budget.seconds - used);
  return {
    done: ledger.count('done'),
    infeasible: ledger.count('infeasible'),
    failed: ledger.count('failed'),
    running,
    trials: budget.trials,
    secondsUsed: used,
    seconds: budget.seconds,
    secondsLeft: byTrials === null ? byTime : byTime === null ? byTrials : Math.min(byTrials, byTime),
  };
}
