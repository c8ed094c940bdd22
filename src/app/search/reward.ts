import { ms, type Ms } from '../../core/index.js';
import { createReward, type Reward } from '../../search/index.js';
import type { StudySpec } from '../study/spec.js';

/** What the search of a study maximises, and the target latency that it looks up to. */
export function studyReward({ latency, reward: { kind, exponent } }: Pick<StudySpec, 'latency' | 'reward'>): {
  readonly reward: Reward;
  readonly targetMs: Ms;
} {
  const targetMs = ms(latency.targetMs * latency.searchFactor);
  const alpha = kind === 'soft' ? { alpha: exponent } : {};
  return { reward: createReward({ kind, targetMs, beta: exponent, ...alpha }), targetMs };
}
