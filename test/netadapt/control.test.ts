import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import { refine, type RefineEvent } from '../../src/netadapt/index.js';
import type { Job, Trial } from '../../src/trials/index.js';
import {
  fakeEvaluator,
  newStore,
  seedTrial,
  setUp,
  trueAccuracy,
  type FakeEvaluatorOptions,
} from './fakes.js';

const isControl = ({ note }: Trial): boolean =>
  note !== null && typeof note === 'object' && 'control' in note && note.control === true;

/** One step on fakes without noise, with the trials it made. */
async function oneStep(
  options: FakeEvaluatorOptions,
  stepCriterion?: 'accuracy' | 'loss' | 'min-accuracy-loss',
) {
  const store = newStore();
  const trial = seedTrial(store);
  const evaluator = fakeEvaluator(1, { luck: 0, ...options });
  const events: RefineEvent[] = [];
  const chosen = stepCriterion === undefined ? {} : { stepCriterion };
  const result = await refine(
    setUp(1, { maxSteps: 1, ...chosen }, { store, trial, evaluator, onEvent: (event) => events.push(event) }),
  );
  const tried = [...store.trials({ kinds: ['proposal'] })];
  const proposals = tried.flatMap((one) => {
    if (isControl(one) || one.note === null || typeof one.note !== 'object' || !('savedMs' in one.note))
      return [];
    return [{ id: one.id, text: one.text, savedMs: Number(one.note.savedMs) }];
  });
  const [step] = result.steps;
  return { store, trial, evaluator, events, tried, proposals, step, control: tried.find(isControl) };
}

/** The greatest of some by a figure. */
const best = <T>(items: readonly T[], figure: (item: T) => number): T | undefined =>
  [...items].sort((a, b) => figure(b) - figure(a))[0];

describe("a step's control", () => {
  it('is the unshrunk network, trained as long, on the same batches, timed no second time, its weights not kept', async () => {
    const { evaluator, control, trial, step, events, store } = await oneStep({});
    const [first, ...others] = evaluator.jobs as [Job, ...Job[]];
    expect(first).toMatchObject({ text: trial.text, checkpoint: null, latency: trial.outcome?.latency });
    expect(others.length).toBeGreaterThan(2);
    for (const job of others) {
      expect(job.text).not.toBe(trial.text);
      expect({ seed: job.seed, plan: job.plan, start: job.start }).toEqual({
        seed: first.seed,
        plan: first.plan,
        start: first.start,
      });
    }
    expect(control).toMatchObject({ parent: trial.id, kind: 'proposal', state: 'done' });
    expect(step).toMatchObject({ control: control?.id, tried: others.length });
    expect(events.filter(({ type }) => type === 'control')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'proposal')).toHaveLength(others.length);
    expect([...store.trials({ states: ['running'] })]).toEqual([]);
  });

  it('takes out what training adds: the smallest saving is no longer preferred for it', async () => {
    const gain = 0.02;
    const { proposals, step, trial } = await oneStep({ gain });
    const before = trueAccuracy(trial.text);
    const change = ({ text }: { text: string }) => trueAccuracy(text) - before;
    const gentlest = best(proposals, (one) => change(one) / one.savedMs);
    // Against the parent as it was, every proposal improves.
    const preferred = best(proposals, (one) => (change(one) + gain) / one.savedMs);
    expect(proposals.every((one) => change(one) + gain > 0)).toBe(true);
    expect(preferred?.id).toBe(best(proposals, (one) => -one.savedMs)?.id);
    expect(preferred?.id).not.toBe(gentlest?.id);
    expect(step?.proposal).toBe(gentlest?.id);
    expect(step?.accuracyChange).toBeCloseTo(change(gentlest!), 9);
  });

  it('gives the change of the loss too, which decides where it is known', async () => {
    const loss = (job: Job) => 1 + createRng('loss').fork(job.text).uniform();
    const { proposals, step, trial } = await oneStep({ loss });
    const change = (text: string) => loss({ text } as Job) - loss({ text: trial.text } as Job);
    const gentlest = best(proposals, (one) => -change(one.text) / one.savedMs);
    expect(step?.proposal).toBe(gentlest?.id);
    expect(step?.lossChange).toBeCloseTo(change(gentlest!.text), 9);
    const byAccuracy = await oneStep({ loss }, 'accuracy');
    expect(byAccuracy.step?.proposal).not.toBe(step?.proposal);
    const leastLoss = await oneStep({ loss }, 'min-accuracy-loss');
    expect(leastLoss.step?.proposal).toBe(best(leastLoss.proposals, ({ text }) => trueAccuracy(text))?.id);
  });

  it('that fails leaves the parent as it was to compare with', async () => {
    const { step, trial, proposals } = await oneStep({ gain: 0.01, fails: (job) => job.checkpoint === null });
    expect(step?.control).toBeUndefined();
    const accepted = proposals.find(({ id }) => id === step?.proposal);
    expect(step?.accuracyChange).toBeCloseTo(
      trueAccuracy(accepted!.text) + 0.01 - trueAccuracy(trial.text),
      9,
    );
  });

  it('is trained first, within the slots', async () => {
    const { evaluator } = await oneStep({ slots: 2 });
    expect(evaluator.mostRunning).toBe(2);
    expect(evaluator.jobs[0]?.checkpoint).toBeNull();
  });

  it('is trained for a step whose proposals an earlier version had trained without', async () => {
    const whole = await oneStep({});
    const store = newStore();
    const trial = seedTrial(store);
    const killed = fakeEvaluator(1, {
      luck: 0,
      slots: 1,
      before: (_job, count) => {
        if (count === 4) throw new Error('killed');
      },
    });
    const again = (evaluator: ReturnType<typeof fakeEvaluator>, begun = store) =>
      refine(setUp(1, { maxSteps: 1 }, { store: begun, trial, evaluator }));
    await expect(again(killed)).rejects.toThrow('killed');
    // As that version left it: the same without the control.
    const old = newStore();
    seedTrial(old);
    for (const one of store.trials({ kinds: ['proposal'] })) {
      if (isControl(one)) continue;
      const { kind, parent, genome, text, params, madds, seed, note } = one;
      const [begun] = old.begin([{ kind, parent, genome, text, params, madds, seed, note }], null);
      if (one.outcome !== null) old.finish(begun!.id, one.outcome, null, null);
    }
    const key = `netadapt/${trial.id}/${setUp(1).targetMs}`;
    old.note(key, store.noted(key) ?? null);
    const evaluator = fakeEvaluator(1, { luck: 0 });
    const result = await again(evaluator, old);
    expect(evaluator.jobs.filter(({ checkpoint }) => checkpoint === null)).toHaveLength(1);
    expect(result.final.text).toBe(whole.store.trial(whole.step?.trial ?? 0)?.text);
  });
});
