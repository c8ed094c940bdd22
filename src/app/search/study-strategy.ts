import { createStrategy, type Strategy } from '../../search/index.js';
import type { Session } from '../study/session.js';

/** The strategy of a study as it stands. @throws NasError `NAS_UNKNOWN_STRATEGY`, `NAS_STRATEGY_STATE` */
export function studyStrategy({ spec, space, store }: Pick<Session, 'spec' | 'space' | 'store'>): Strategy {
  return createStrategy(spec.strategy.name, {
    space,
    seed: spec.seed,
    settings: { preset: spec.strategy.preset === 'paper' ? 'paper' : 'small-budget' },
    saved: store.strategyState(),
  });
}
