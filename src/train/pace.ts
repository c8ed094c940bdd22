/** Steps that are ignored: TensorFlow's optimiser runs in the first ones. */
const SETTLE = 6;
/** Steps after which the pace is taken for the first time, and the number of steps until it is taken again. */
export const TAKEN_AT = 36;
const EVERY = 8;

/**
 * Watches the steps of a training that must end by the clock. The pace is the mean of all steps since it began or was
 * resumed, so the share of the steps that is done follows the share of the time that has passed: a schedule by steps is one by
 * time, and makes no leap where a machine changes its pace.
 * @param from the step that it begins or is resumed with
 * @returns a function to be asked before each step: where the pace is taken, the number of steps that will have been
 * made by `deadline`, else undefined
 */
export function pacer(clock: () => number, from = 0): (step: number, deadline: number) => number | undefined {
  const settled = from + SETTLE;
  let begin = 0;
  return (step, deadline) => {
    if (step === settled) begin = clock();
    const since = step - from - TAKEN_AT;
    if (since < 0 || since % EVERY !== 0) return undefined;
    const now = clock();
    const msPerStep = Math.max(1e-6, (now - begin) / (step - settled));
    return step + Math.floor(Math.max(0, deadline - now) / msPerStep);
  };
}
