import { unknownName, type Json } from '../../core/index.js';
import type { SearchSpace } from '../../space/index.js';
import { createEvolution, EVOLUTION, type EvolutionSettings } from './evolution.js';
import { createNsga2, NSGA2, type Nsga2Settings } from './nsga2.js';
import { createPpo } from './ppo/ppo.js';
import { PAPER, SMALL_BUDGET, type PpoSettings } from './ppo/settings.js';
import { createRandom } from './random.js';
import { createReinforce, REINFORCE, type ReinforceSettings } from './reinforce.js';
import { createScale } from './scale.js';
import type { Strategy } from './strategy.js';
import { createSurrogate, SURROGATE, type SurrogateSettings } from './surrogate/surrogate.js';

export const STRATEGY_NAMES: readonly string[] = [
  'random',
  'ppo',
  'reinforce',
  'evolution',
  'nsga2',
  'surrogate',
  'scale',
];

export interface StrategySettings {
  /** For `ppo`: where the settings not given come from; default `small-budget`. */
  readonly preset?: 'small-budget' | 'paper';
  readonly ppo?: Partial<PpoSettings>;
  readonly reinforce?: Partial<ReinforceSettings>;
  readonly evolution?: Partial<EvolutionSettings>;
  readonly nsga2?: Partial<Nsga2Settings>;
  readonly surrogate?: Partial<SurrogateSettings>;
}

export interface StrategyOptions {
  readonly space: SearchSpace;
  /** Seed of what the strategy draws when it is made; the study's. */
  readonly seed: string;
  readonly settings?: StrategySettings;
  /** What `save` gave; null or absent for a new one. */
  readonly saved?: Json;
}

/**
 * A strategy by name, new or restored.
 * @throws NasError `NAS_UNKNOWN_STRATEGY`, `NAS_STRATEGY_STATE`
 */
export function createStrategy(name: string, options: StrategyOptions): Strategy {
  const { space, seed, settings = {}, saved } = options;
  if (name === 'random') return createRandom(space);
  if (name === 'scale') return createScale();
  if (name === 'ppo') {
    const paper = settings.preset === 'paper';
    const ppo = createPpo(space, { ...(paper ? PAPER : SMALL_BUDGET), ...settings.ppo }, seed, saved);
    return paper ? { ...ppo, learnsFromRepeats: true, learnsFromRefused: true } : ppo;
  }
  if (name === 'reinforce') return createReinforce(space, { ...REINFORCE, ...settings.reinforce }, saved);
  if (name === 'evolution') return createEvolution(space, { ...EVOLUTION, ...settings.evolution }, saved);
  if (name === 'nsga2') return createNsga2(space, { ...NSGA2, ...settings.nsga2 }, saved);
  if (name === 'surrogate') return createSurrogate(space, { ...SURROGATE, ...settings.surrogate }, saved);
  throw unknownName('strategy', name, STRATEGY_NAMES, 'NAS_UNKNOWN_STRATEGY');
}
