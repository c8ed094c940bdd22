import type { TrainingPlan } from '../../trials/index.js';
import type { StudySpec } from '../study/spec.js';

/** From this number of epochs on a network sees each picture so often that it learns it by heart. */
const LONG = 6;
/** Black pixels around a picture, as a share of its shorter side: 2 of 28 or 32, from which it is cropped back at random. */
const PAD_SHARE = 1 / 14;
const LABEL_SMOOTHING = 0.1;

/**
 * The plan of a final training, with random crops and label smoothing where it is long and the study's recipe has none:
 * the quick recipe is made for the few epochs of a search.
 * @param epochs how often each picture will be seen
 */
export function regularised(
  plan: TrainingPlan,
  epochs: number,
  { recipe, task }: Pick<StudySpec, 'recipe' | 'task'>,
): TrainingPlan {
  if (epochs < LONG || recipe.pad > 0 || recipe.labelSmoothing > 0) return plan;
  const side = Math.min(task.input[0], task.input[1]);
  return { ...plan, pad: Math.min(64, Math.round(PAD_SHARE * side)), labelSmoothing: LABEL_SMOOTHING };
}
