import { NasError } from '../../core/index.js';
import { LIMITS } from './limits.js';
import type { Task } from '../search-space/search-space.js';

/** Returns its argument. @throws NasError `NAS_BAD_TASK` for sizes or a number of classes out of bounds */
export function checkTask(task: Task): Task {
  const [height, width, channels] = task.input;
  const whole = (value: number, most: number) => Number.isInteger(value) && value >= 1 && value <= most;
  if (!whole(height, LIMITS.side) || !whole(width, LIMITS.side) || !whole(channels, LIMITS.width))
    throw new NasError({
      code: 'NAS_BAD_TASK',
      found: `input ${task.input.join('x')}`,
      expected: `height and width from 1 to ${LIMITS.side}, channels from 1 to ${LIMITS.width}`,
    });
  if (!whole(task.classes, LIMITS.dense))
    throw new NasError({
      code: 'NAS_BAD_TASK',
      found: `${task.classes} classes`,
      expected: `a whole number from 1 to ${LIMITS.dense}`,
    });
  return task;
}
