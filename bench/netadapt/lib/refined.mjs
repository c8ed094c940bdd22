// NetAdapt on the start, in a store of its own, and where its seconds went.
import { DEFAULT_SETTINGS, refine } from '../../../dist/netadapt/index.js';
import { maddsOf, paramsOf, parseArchitecture } from '../../../dist/space/index.js';
import { createMemoryStore } from '../../../dist/trials/index.js';

/** @returns the arm, with the seconds of its steps and how its latency by steps compares with the last measurement */
export async function refined({
  pool,
  spec,
  settings,
  text,
  start,
  seed,
  signal,
  log,
  arm,
  stepCriterion,
  targetMs,
}) {
  const store = createMemoryStore({
    ...{ name: arm, spec: {}, spaceDigest: '', seed: String(seed), createdAt: 0, environment: {} },
  });
  const architecture = parseArchitecture(text);
  const costs = { params: paramsOf(architecture), madds: maddsOf(architecture) };
  const begun = {
    kind: 'sample',
    parent: null,
    genome: null,
    text,
    ...costs,
    seed: `${seed}/start`,
    note: null,
  };
  const [{ id }] = store.begin([begun], null);
  const trial = store.finish(id, { ...start, checkpoint: 'trial-1.weights' }, null, null);
  const clock = performance.now();
  const elapsed = () => (performance.now() - clock) / 1000;
  const split = { measuring: 0, training: 0 };
  let [phase, since] = ['measuring', 0];
  const turnTo = (next) => {
    split[phase] += elapsed() - since;
    [phase, since] = [next, elapsed()];
  };
  const result = await refine({
    ...{ trial, targetMs, store, evaluator: pool, meter: pool, signal, elapsedSeconds: elapsed },
    settings: {
      ...DEFAULT_SETTINGS,
      ...{ deltaShare: settings.delta, maxProposals: settings.proposals, stepCriterion },
      ...{ plan: spec.refine.finetune, budgetSeconds: settings.refineSeconds },
    },
    seed: `${seed}/bench/${arm}`,
    checkpointName: (number) => `${arm}-${number}.weights`,
    onEvent: ({ type }) => {
      if (type === 'candidates') turnTo('training');
      if (type === 'accepted' || type === 'end') turnTo('measuring');
    },
  });
  log(`${arm}: ${result.steps.length} steps, ${result.reason}, ${result.latencyMs.toFixed(3)} ms`);
  return {
    arm,
    text: result.final.text,
    reachedMs: result.latencyMs,
    from: { kind: 'surgery', checkpoint: result.final.outcome.checkpoint, text: result.final.text },
    note: {
      ...{ reason: result.reason, stepsMs: result.latencyMs },
      seconds: { all: elapsed(), ...split },
      steps: result.steps.map(({ dimension, from, to, fromMs, toMs, accuracyChange, lossChange }) => ({
        ...{ dimension, from, to, fromMs, toMs, accuracyChange, lossChange },
      })),
    },
  };
}
