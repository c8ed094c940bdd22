/** Strategies (ask and tell), rewards and the search loop. Knows core, space and trials; the evaluator is handed in. */
export type { SearchBudget } from './budget.js';
export { cheapest } from './cheapest.js';
export {
  createStrategy,
  STRATEGY_NAMES,
  type StrategyOptions,
  type StrategySettings,
} from './create-strategy.js';
export { exhaustedText, type Ended } from './endings.js';
export type { Exhausted } from './proposer.js';
export type { Foresight } from './foretelling.js';
export type { SearchEvent, SearchStatus } from './events.js';
export type { PpoSettings } from './ppo/settings.js';
export { createReward, type Reward, type RewardKind, type RewardOptions } from './reward.js';
export type { SearchOptions, SearchResult } from './options.js';
export { runSearch } from './run-search.js';
export { type Finished, type Pending, type Proposal, type Strategy } from './strategy.js';
