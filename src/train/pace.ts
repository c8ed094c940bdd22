/** Steps that are ignored: TensorFlow's optimiser runs in the first ones. */
const SETTLE = 6;
/** Steps after which the pace is taken, once. */
const TAKEN_AT = 36;

/**
 * Watches the steps of a training that must end by the clock.
 * @param from the step that it begins or is resumed with
 * @returns a function to be asked before each step: the number of steps that will have been made by `deadline`, once,
 * when the pace is known; undefined otherwise
 */
export function pacer(clock: () => number, from = 0): (step: number, deadline: number) => number | undefined {
  let settled = 0;
  return (step, deadline) => {
    const now = clock();
    if (step === from + SETTLE) settled = now;
    if (step !== from + TAKEN_AT) return undefined;
    const msPerStep = Math.max(1e-6, (now - settled) / (TAKEN_AT - SETTLE));
    return step + Math.floor(Math.max(0, deadline - now) / msPerStep);
  };
}
