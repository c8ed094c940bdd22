import type { NewTrial, Trial } from '../../trials/index.js';
import type { SearchStatistics } from './statistics.js';
import { trialSeed, type Exhausted, type Proposer } from './proposer.js';
import type { TrialQueue } from './queue.js';
import type { InitialCandidate, SearchOptions } from './options.js';
import type { Stopping } from './stopping.js';

/** Which candidate is evaluated next, and which are asked for. */
export interface Candidates {
  /** The next one, begun in the store; undefined where none can be begun now, or the search ends. */
  next(): Promise<Trial | undefined>;
  /** What the last asking that found nothing had tried. */
  exhausted(): Exhausted;
}

export interface CandidatesParts {
  readonly options: SearchOptions;
  /** Runs what writes to the store. */
  readonly write: <T>(run: () => T) => Promise<T>;
  readonly queue: TrialQueue;
  readonly statistics: SearchStatistics;
  readonly proposer: Proposer;
  readonly stopping: Stopping;
}

export function createCandidates({
  options,
  write,
  queue,
  statistics,
  proposer,
  stopping,
}: CandidatesParts): Candidates {
  const { store, strategy, budget, mode = 'async', batchSize = 4 } = options;
  let nextId = (store.rows({ sort: 'trial', descending: true, limit: 1 })[0]?.trial ?? 0) + 1;
  let exhausted: Exhausted = { networks: null, proposals: 0 };
  let initial = nextId === 1 ? (options.initial ?? []) : [];
  const stopped = (): boolean => stopping.ended !== undefined;

  async function beginTrials(fresh: readonly NewTrial[]): Promise<void> {
    const begun = await write(() => store.begin(fresh, strategy.save()));
    queue.add(begun);
    nextId = (begun.at(-1)?.id ?? nextId) + 1;
  }

  async function begin(): Promise<void> {
    if (mode === 'batch' && queue.size() > 0) return;
    const room = budget.trials === null ? Infinity : budget.trials - statistics.finished() - queue.size();
    const count = Math.min(mode === 'batch' ? batchSize : 1, room);
    if (count <= 0) {
      if (queue.size() === 0) stopping.finish('trials');
      return;
    }
    if (initial.length > 0) {
      const first = initial.slice(0, room);
      initial = [];
      await beginTrials(first.map((one, i) => initialTrial(one, trialSeed(store.study.seed, nextId + i))));
      return;
    }
    const proposed = await proposer.propose(count, nextId, queue.pending(), stopped);
    if (stopped()) return;
    const fresh: readonly NewTrial[] = proposed.fresh;
    if (fresh.length === 0) {
      exhausted = proposed.exhausted;
      if (queue.size() === 0) stopping.finish('exhausted');
      return;
    }
    await beginTrials(fresh);
  }

  return {
    async next() {
      if (!stopping.oneMoreFits()) {
        stopping.finish('seconds');
        return undefined;
      }
      if (!queue.hasNext()) await begin();
      return stopped() ? undefined : await write(() => queue.take());
    },
    exhausted: () => exhausted,
  };
}

function initialTrial({ genome, text, params, madds, note }: InitialCandidate, seed: string): NewTrial {
  return { kind: 'sample', parent: null, genome, text, params, madds, note, seed };
}
