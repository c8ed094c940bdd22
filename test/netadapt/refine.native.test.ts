import { describe, expect, it } from 'vitest';
import {
  formatArchitecture,
  layersOf,
  parseArchitecture,
  presetArchitecture,
} from '../../src/space/index.js';
import {
  checkpointsInUse,
  dimensionsOf,
  refine,
  surgeryOf,
  type RefineEvent,
} from '../../src/netadapt/index.js';
import { keyOf } from '../../src/netadapt/dimensions.js';
import { correctedSamplesMs, type LatencyRecord } from '../../src/trials/index.js';
import {
  SMALL,
  fakeEvaluator,
  fakeMeter,
  killedAt,
  newStore,
  seedTrial,
  setUp,
  trueLatency,
} from './fakes.js';

const seeds = Array.from({ length: 20 }, (_, i) => i + 1);

const sumsOf = (text: string) =>
  layersOf(parseArchitecture(text)).filter((layer) => layer.op === 'add').length;

describe('refine', () => {
  it.each(seeds)(
    'reaches the target by measured drops, residual sums and multiples of 8 kept, seed %i',
    async (seed) => {
      const options = setUp(seed, {}, { meter: fakeMeter(seed, 0.002, 0.05) });
      const result = await refine(options);
      expect(result.reason).toBe('target met');
      expect(result.latencyMs).toBeLessThanOrEqual(options.targetMs);
      expect(result.steps.length).toBeGreaterThan(2);
      const sums = sumsOf(options.trial.text);
      let parent = options.trial.id;
      let before = trueLatency(options.trial.text);
      for (const step of result.steps) {
        const trial = options.store.trial(step.trial);
        expect(trial).toMatchObject({ kind: 'netadapt', state: 'done', parent });
        expect(step.fromMs - step.toMs).toBeGreaterThanOrEqual(0.04 * result.seedMs);
        const text = trial?.text ?? '';
        expect(trueLatency(text)).toBeLessThan(before);
        expect(sumsOf(text)).toBe(sums);
        expect(step.to % 8).toBe(0);
        expect(step.to).toBeLessThan(step.from);
        before = trueLatency(text);
        parent = step.trial;
      }
      expect(result.final.id).toBe(parent);
    },
  );

  it('measures no longer than its time', async () => {
    const hanging = (_: readonly string[], signal: AbortSignal): Promise<readonly LatencyRecord[]> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('stopped'));
        });
      });
    const options = setUp(1, { budgetSeconds: 0.0503 }, { meter: { measure: hanging } });
    const result = await refine({ ...options, elapsedSeconds: () => 0 });
    expect(result).toMatchObject({ reason: 'out of time', steps: [] });
    expect(result.message).toContain('step 1');
  });

  it('stores the runs of a step as they were timed, and what puts them on the scale of its latency', async () => {
    const fake = fakeMeter(1, 0.002, 0.05);
    const timed: LatencyRecord[] = [];
    // The reference says that the machine is slower today: what was timed is 1.25 times what counts.
    const reference = { medianMs: 1, madMs: 0, factor: 0.8, drift: 0 };
    const measure: typeof fake.measure = async (texts, signal) => {
      const records = await fake.measure(texts, signal);
      const raw = records.map((one) => ({ ...one, samplesMs: [one.medianMs / 0.8], reference }));
      timed.push(...raw);
      return raw;
    };
    const options = setUp(1, {}, { meter: { measure } });
    const { steps } = await refine(options);
    expect(steps.length).toBeGreaterThan(2);
    for (const { trial } of steps) {
      const stored = options.store.trial(trial)?.outcome?.latency;
      expect(timed.map(({ samplesMs }) => samplesMs)).toContainEqual(stored?.samplesMs);
      expect(stored?.reference).toEqual(reference);
      expect(correctedSamplesMs(stored!)[0]).toBeCloseTo(stored!.medianMs, 9);
    }
  });

  it.each([1, 2, 3, 4, 5, 6, 7])(
    'a kill after %i evaluations changes nothing of the result',
    async (killAt) => {
      const whole = await refine(setUp(3));
      const store = newStore();
      const trial = seedTrial(store);
      const killed = fakeEvaluator(3, {
        before: (_job, count) => {
          if (count === killAt) throw new Error('killed');
        },
      });
      await expect(refine(setUp(3, {}, { store, trial, evaluator: killed }))).rejects.toThrow('killed');
      const evaluator = fakeEvaluator(3);
      const resumed = await refine(setUp(3, {}, { store, trial, evaluator }));
      expect(resumed.final.text).toBe(whole.final.text);
      expect(resumed.steps.map((step) => [step.dimension, step.to])).toEqual(
        whole.steps.map((step) => [step.dimension, step.to]),
      );
      const running = [...store.trials()].filter((t) => t.state === 'running' && t.kind === 'netadapt');
      expect(running).toEqual([]);
      const finished = [...store.trials({ kinds: ['proposal'], states: ['done'] })];
      expect(new Set(finished.map((t) => `${t.parent}/${t.text}`)).size).toBe(finished.length);
    },
  );

  it('killed at any write to the store, it resumes to the same result and stores no step twice', async () => {
    const whole = newStore();
    const expected = await refine(setUp(9, { maxSteps: 2 }, { store: whole, trial: seedTrial(whole) }));
    expect(expected.steps.length).toBe(2);
    for (let at = 1; ; at++) {
      const store = newStore();
      const trial = seedTrial(store);
      const first = refine(setUp(9, { maxSteps: 2 }, { store: killedAt(store, at), trial }));
      const survived = await first.then(
        () => true,
        () => false,
      );
      if (survived) {
        expect(at).toBeGreaterThan(10);
        break;
      }
      const result = await refine(setUp(9, { maxSteps: 2 }, { store, trial }));
      expect(result.final.text).toBe(expected.final.text);
      const rows = [...store.trials({ kinds: ['netadapt'] })];
      expect(rows.map((row) => [row.id, row.state])).toEqual(
        result.steps.map((step) => [step.trial, 'done']),
      );
      const proposals = [...store.trials({ kinds: ['proposal'] })].map((row) => [row.text, row.state]);
      expect(proposals).toEqual(
        [...whole.trials({ kinds: ['proposal'] })].map((row) => [row.text, row.state]),
      );
    }
  });

  it('an interruption stops between two steps and the same call resumes', async () => {
    const store = newStore();
    const trial = seedTrial(store);
    const controller = new AbortController();
    const evaluator = fakeEvaluator(5, {
      before: (_job, count) => {
        if (count === 20) controller.abort();
      },
    });
    const first = await refine(setUp(5, {}, { store, trial, evaluator, signal: controller.signal }));
    expect(first.reason).toBe('interrupted');
    expect([...store.trials({ states: ['running'] })]).toEqual([]);
    const events: RefineEvent[] = [];
    const second = await refine(setUp(5, {}, { store, trial, onEvent: (event) => events.push(event) }));
    expect(second.final.text).toBe((await refine(setUp(5))).final.text);
    expect(events[0]).toMatchObject({ type: 'start', resumed: first.steps.length });
  });

  it('reports how many networks it times before it does', async () => {
    const events: RefineEvent[] = [];
    const meter = fakeMeter(1);
    await refine(setUp(1, { maxSteps: 2 }, { meter, onEvent: (event) => events.push(event) }));
    const measured = events.flatMap((event) => (event.type === 'measuring' ? [event.networks] : []));
    expect(measured).toEqual(meter.sessions.map((texts) => texts.length));
    const first = (type: RefineEvent['type']) => events.findIndex((event) => event.type === type);
    expect(first('measuring')).toBeGreaterThan(first('start'));
    expect(first('candidates')).toBeGreaterThan(first('measuring'));
  });

  it('called again after the target was met, it evaluates nothing', async () => {
    const store = newStore();
    const trial = seedTrial(store);
    const first = await refine(setUp(1, {}, { store, trial }));
    const evaluator = fakeEvaluator(1);
    const meter = fakeMeter(1);
    const second = await refine(setUp(1, {}, { store, trial, evaluator, meter }));
    expect(second).toEqual(first);
    expect(evaluator.jobs).toEqual([]);
    expect(meter.sessions).toEqual([]);
  });

  it('starts again from any member of the family, to its own target or a lower one, and resumes there', async () => {
    const store = newStore();
    const first = await refine(setUp(3, {}, { store, trial: seedTrial(store) }));
    const member = store.trial(first.steps[0]?.trial ?? 0)!;
    for (const targetMs of [first.latencyMs, 0.9 * first.latencyMs]) {
      const evaluator = fakeEvaluator(3);
      const branch = await refine(setUp(4, {}, { store, trial: member, targetMs, evaluator }));
      expect(branch.reason).toBe('target met');
      expect(branch.steps.length).toBeGreaterThan(0);
      expect(evaluator.jobs[0]?.start).toMatchObject({
        checkpoint: `trial-${first.steps[0]?.proposal}.weights`,
      });
      expect(store.trial(branch.steps[0]?.trial ?? 0)).toMatchObject({ kind: 'netadapt', parent: member.id });
      const again = await refine(setUp(4, {}, { store, trial: member, targetMs }));
      expect(again).toEqual(branch);
    }
    expect(await refine(setUp(3, {}, { store, trial: store.trial(1)! }))).toEqual(first);
  });

  it('keeps what a branch from a member needs to resume, killed within a step', async () => {
    const store = newStore();
    const { steps, latencyMs } = await refine(setUp(3, {}, { store, trial: seedTrial(store) }));
    const member = store.trial(steps[0]?.trial ?? 0)!;
    const killed = fakeEvaluator(4, {
      before: (_job, count) => {
        if (count === 4) throw new Error('killed');
      },
    });
    const branch = { store, trial: member, targetMs: 0.8 * latencyMs };
    await expect(refine(setUp(4, {}, { ...branch, evaluator: killed }))).rejects.toThrow('killed');
    const tried = store.rows({ kinds: ['proposal'], states: ['done'], parent: member.id });
    const needed = tried.flatMap(({ trial, checkpoint }) =>
      trial > 1 && checkpoint !== null ? [checkpoint] : [],
    );
    const newest = needed.at(-1);
    expect(newest).toBeDefined();
    expect([...checkpointsInUse(store)]).toContain(newest);
    expect([...checkpointsInUse(store)]).toContain(`trial-${steps[0]?.proposal}.weights`);
  });

  it('ends with the reason when the noise is larger than any gain', async () => {
    const result = await refine(setUp(1, {}, { meter: fakeMeter(1, 0.2) }));
    expect(result.reason).toBe('no significant drop');
    expect(result.message).toContain('--latency-batch');
  });

  it('ends with the reason when no layer can save a step', async () => {
    const result = await refine(setUp(1, { deltaShare: 0.9 }));
    expect(result).toMatchObject({ reason: 'no significant drop', steps: [] });
    expect(result.message).toContain('launch-bound');
    expect(result.final.id).toBe(1);
  });

  it('does nothing for a network that meets the target', async () => {
    const result = await refine(setUp(1, {}, { targetMs: 1e6 }));
    expect(result).toMatchObject({ reason: 'target met', steps: [] });
  });

  it('passes over proposals that fail, and reports when all do', async () => {
    const some = fakeEvaluator(2, { fails: (job) => job.trial % 3 === 0 });
    expect((await refine(setUp(2, {}, { evaluator: some }))).reason).toBe('target met');
    const all = fakeEvaluator(2, { fails: () => true });
    const result = await refine(setUp(2, {}, { evaluator: all }));
    expect(result.reason).toBe('all proposals failed');
    expect(result.message).toContain('diverged');
  });

  it('ends in time with the best so far', async () => {
    let seconds = 0;
    const evaluator = fakeEvaluator(4, { slots: 1, before: () => (seconds += 10) });
    const result = await refine(
      setUp(4, { budgetSeconds: 300 }, { evaluator, elapsedSeconds: () => seconds }),
    );
    expect(result.reason).toBe('out of time');
    expect(seconds).toBeLessThanOrEqual(310);
    expect(result.steps.length).toBeGreaterThan(0);
    expect(result.final.id).toBe(result.steps.at(-1)?.trial);
  });

  it('starts every proposal from the weights of the step before', async () => {
    const evaluator = fakeEvaluator(6, { slots: 3 });
    const options = setUp(6, { maxSteps: 2 }, { evaluator });
    const result = await refine(options);
    expect(result.reason).toBe('step limit');
    expect(evaluator.mostRunning).toBe(3);
    const [first] = result.steps;
    const accepted = options.store.trial(first?.trial ?? 0);
    const parents = new Set(
      evaluator.jobs.map((job) => (job.start.kind === 'surgery' ? job.start.checkpoint : 'random')),
    );
    expect(parents).toEqual(new Set(['trial-1.weights', `trial-${first?.proposal}.weights`]));
    expect(accepted?.outcome).toMatchObject({ checkpoint: `trial-${first?.proposal}.weights` });
  });

  it('takes smaller kernels and leaves blocks out, each time with the weights of the blocks that stay', async () => {
    // A block left out costs most, so that kernels shrink first.
    const loss = ({ text: of }: { readonly text: string }) => 30 - parseArchitecture(of).blocks.length;
    const evaluator = fakeEvaluator(2, { loss });
    const meter = fakeMeter(2, 0.0002);
    const kinds = ['kernel', 'depth'] as const;
    const text = formatArchitecture(
      presetArchitecture('mobilenet_v3_small', { input: [96, 96, 3], classes: 10 }),
    );
    const store = newStore();
    const trial = seedTrial(store, text);
    const options = setUp(
      2,
      { kinds, deltaShare: 0.004 },
      { evaluator, meter, store, trial, targetMs: 0.8 * trueLatency(text) },
    );
    const { steps, reason } = await refine(options);
    expect(reason).toBe('target met');
    const taken = steps.map(({ dimension }) => dimension.split(':')[0]);
    expect(new Set(taken)).toEqual(new Set(kinds));
    for (const { trial, proposal, dimension, from, to } of steps) {
      const { text, parent } = options.store.trial(trial)!;
      const before = parseArchitecture(options.store.trial(parent!)!.text).blocks;
      const after = parseArchitecture(text).blocks;
      const block = Number(dimension.split(':')[1]);
      const job = evaluator.jobs.find((one) => one.trial === proposal)!;
      if (dimension.startsWith('depth')) {
        expect([from, to]).toEqual([1, 0]);
        expect(after).toEqual(before.filter((_, index) => index !== block));
        expect(job.start).toMatchObject({ without: block });
        expect(surgeryOf(options.store.trial(proposal)!)).toMatchObject({ without: block });
      } else {
        expect(after[block]).toMatchObject({ kernel: to });
        expect(job.start).not.toHaveProperty('without');
      }
    }
    // A block that was left out shifts those behind it, whose curves are found again: none is measured twice at its least.
    const state = options.store.noted(`netadapt/1/${options.targetMs}`) as {
      readonly curves: readonly { readonly key: string }[];
    };
    const blocks = parseArchitecture(options.store.trial(steps.at(-1)!.trial)!.text);
    const present = new Set(dimensionsOf(blocks, [...kinds]).map(keyOf));
    const known = state.curves.map(({ key }) => key);
    expect([...present].filter((key) => !known.includes(key))).toEqual([]);
  });

  it('trains an accepted step further when asked, from its own weights', async () => {
    const evaluator = fakeEvaluator(7);
    const long = {
      epochs: 3,
      maxSteps: null,
      learningRate: 0.02,
      schedule: 'cosine',
      warmupEpochs: 0,
    } as const;
    const result = await refine(setUp(7, { maxSteps: 1, longPlan: long }, { evaluator }));
    const [step] = result.steps;
    const job = evaluator.jobs.find((item) => item.plan === long);
    expect(job).toMatchObject({
      trial: step?.trial,
      start: { kind: 'surgery', checkpoint: `trial-${step?.proposal}.weights`, text: job?.text },
      checkpoint: `trial-${step?.trial}.weights`,
    });
  });

  it('says which weights nothing needs any more, never those it resumes from', async () => {
    const discarded: string[] = [];
    const options = setUp(
      8,
      { maxSteps: 3 },
      {
        onEvent: (event) => {
          if (event.type === 'discarded') discarded.push(...event.checkpoints);
        },
      },
    );
    const result = await refine(options);
    const kept = result.steps.map((step) => `trial-${step.proposal}.weights`);
    expect(discarded.length).toBe(result.steps.reduce((sum, step) => sum + step.tried - 1, 0));
    expect(discarded.filter((name) => kept.includes(name))).toEqual([]);
  });

  it('refuses a trial without weights', async () => {
    const store = newStore();
    const [trial] = store.begin(
      [
        {
          kind: 'sample',
          parent: null,
          genome: null,
          text: SMALL,
          params: 0,
          madds: 0,
          seed: '',
          note: null,
        },
      ],
      null,
    );
    if (!trial) throw new Error('no trial');
    await expect(refine(setUp(1, {}, { store, trial }))).rejects.toMatchObject({ code: 'NAS_NO_WEIGHTS' });
  });
});
