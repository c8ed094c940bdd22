import { deepFreeze, now, type Json } from '../core/index.js';
import { bestUnder, frontier } from './model/frontier.js';
import { trialRow, type TrialRow } from './model/row.js';
import {
  matches,
  queryRows,
  requireFiniteReward,
  requireStorable,
  requireUnfinished,
  trialMissing,
} from './query/rules.js';
import type { RowQuery, Study, TrialStore } from './store.js';
import type { Trial } from './model/trial.js';

/** A store that forgets everything with the process: for tests, and for searches inside a program. */
const PAGE = 100;

export function createMemoryStore(study: Study): TrialStore {
  const trials: Trial[] = [];
  const notes = new Map<string, Json>();
  let state: Json = null;
  const find = (id: number): Trial => {
    const trial = trials[id - 1];
    if (trial === undefined) throw trialMissing(id);
    return trial;
  };
  const put = (trial: Trial): Trial => {
    const frozen = deepFreeze(trial);
    trials[trial.id - 1] = frozen;
    return frozen;
  };
  const rows = (query: RowQuery = {}): readonly TrialRow[] =>
    queryRows(trials.filter((trial) => matches(trial, query)).map(trialRow), query);
  return {
    study: deepFreeze(structuredClone(study)),
    begin(fresh, strategyState) {
      for (const item of fresh) {
        requireStorable(item);
        if (item.parent !== null) find(item.parent);
      }
      state = structuredClone(strategyState);
      return fresh.map((item) =>
        put({
          ...structuredClone(item),
          id: trials.length + 1,
          study: study.name,
          state: 'running',
          reward: null,
          outcome: null,
          attempts: 1,
          createdAt: now(),
          finishedAt: null,
        }),
      );
    },
    retry(id) {
      const trial = find(id);
      requireUnfinished(trial);
      return put({ ...trial, attempts: trial.attempts + 1 });
    },
    finish(id, outcome, reward, strategyState) {
      const trial = find(id);
      requireUnfinished(trial);
      requireFiniteReward(reward);
      state = structuredClone(strategyState);
      return put({
        ...trial,
        state: outcome.state,
        outcome: structuredClone(outcome),
        reward,
        finishedAt: now(),
      });
    },
    trial: (id) => trials[id - 1],
    trials: (filter = {}) => trials.filter((trial) => matches(trial, filter)),
    rows,
    *pages(filter) {
      const all = rows(filter);
      for (let at = 0; at < all.length; at += PAGE) yield all.slice(at, at + PAGE);
    },
    values: (columns, query) => rows(query).map((row) => columns.map((column) => row[column])),
    count: ({ limit: _limit, offset: _offset, ...query } = {}) => rows(query).length,
    frontier: (options) => frontier(rows(), options),
    best: (targetMs, options) => bestUnder(rows(), targetMs, options),
    genomes: () => new Map(trials.flatMap(({ id, genome }) => (genome === null ? [] : [[id, genome]]))),
    predicted: () =>
      new Map(
        trials.flatMap(({ id, outcome }) => {
          const predicted = outcome?.latency?.predicted;
          return predicted === undefined ? [] : [[id, predicted.medianMs]];
        }),
      ),
    strategyState: () => state,
    note(key, value) {
      notes.set(key, structuredClone(value));
    },
    noted: (key) => notes.get(key),
    [Symbol.dispose]() {},
  };
}
