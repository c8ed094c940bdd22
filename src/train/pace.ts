/** Steps that are ignored: TensorFlow's optimiser runs in the first ones. */
const SETTLE = 6;
/** Steps after which the pace is taken for the first time, and fewest between two times. */
export const TAKEN_AT = 36;

/**
 * Watches the steps of a training that must end by the clock. The pace is taken after the first steps and then each time
 * half of the remaining ones are done, since a machine does not keep its pace.
 * @param from the step that it begins or is resumed with
 * @returns a function to be asked before each step: where the pace is taken, the number of steps that will have been
 * made by `deadline`, else undefined
 */
export function pacer(clock: () => number, from = 0): (step: number, deadline: number) => number | undefined {
  let since = { step: from + SETTLE, at: 0 };
  let next = from + TAKEN_AT;
  return (step, deadline) => {
    if (step !== since.step && step !== next) return undefined;
    const now = clock();
    if (step !== next) {
      since = { step, at: now };
      return undefined;
    }
    const msPerStep = Math.max(1e-6, (now - since.at) / (step - since.step));
    const total = step + Math.floor(Math.max(0, deadline - now) / msPerStep);
    since = { step, at: now };
    next = step + Math.max(TAKEN_AT, Math.floor((total - step) / 2));
    return total;
  };
}
