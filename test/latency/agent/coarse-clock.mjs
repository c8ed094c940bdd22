// Preloaded, it gives a process a clock that moves in steps of 1 ms, as some boards have.
const real = process.hrtime.bigint.bind(process.hrtime);
const STEP_NS = 1_000_000n;
process.hrtime.bigint = () => (real() / STEP_NS) * STEP_NS;
