/** Strategies (ask and tell), rewards and the search loop. Knows core, space and trials; the evaluator is handed in. */
export type { SearchBudget } from './budget.js';
export {
  createStrategy,
  STRATEGY_NAMES,
  type StrategyOptions,
  type StrategySettings,
} from './create-strategy.js';
export type { Ended } from './endings.js';
export type { Foresight } from './foretelling.js';
export type { SearchEvent, SearchStatus } from './events.js';
export type { PpoSettings } from './ppo/settings.js';
export { createReward, type Reward, type RewardKind, type RewardOptions } from './reward.js';
export { runSearch, type SearchOptions, type SearchResult } from './run-search.js';
export { type Finished, type Pending, type Proposal, type Strategy } from './strategy.js';
