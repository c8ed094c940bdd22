import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { DEFAULTS, defaultWorkers, studySpec, type StudyOptions } from '../../src/app/study/defaults.js';
import { checkSpec, type StudySpec } from '../../src/app/study/spec.js';
import { NasError } from '../../src/core/index.js';
import { fakeStudy } from './samples.js';

const spec = fakeStudy();

/** The specification with one field, named by its path, replaced. */
function withField(path: string, value: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(spec)) as Record<string, unknown>;
  const names = path.split('.');
  const last = names.pop() ?? '';
  const holder = names.reduce((at, name) => at[name] as Record<string, unknown>, copy);
  holder[last] = value;
  return copy;
}

function complaint(value: unknown): NasError {
  try {
    checkSpec(value);
  } catch (error) {
    if (error instanceof NasError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('a specification', () => {
  it('survives being stored as JSON, and is frozen through and through', () => {
    const read = checkSpec(JSON.parse(JSON.stringify(spec)));
    expect(read).toEqual(spec);
    expect(Object.isFrozen(read)).toBe(true);
    expect(Object.isFrozen(read.recipe.optimiser)).toBe(true);
  });

  it('of an earlier version, with a deadline and without a patience, still opens', () => {
    const { idleSeconds: _, ...host } = spec.host;
    const read = checkSpec({ ...spec, host: { ...host, deadlineSeconds: 3600 } });
    expect(read.host).toEqual({ ...host, deadlineSeconds: 3600, idleSeconds: 900 });
  });

  it.each<[string, unknown]>([
    ['version', 2],
    ['seed', ''],
    ['data.heldOut', 1],
    ['data.limit', 0],
    ['task.input', [28, 28]],
    ['task.input.0', 28.5],
    ['task.classes', 1],
    ['latency.targetMs', 0],
    ['latency.targetMs', -2],
    ['latency.targetMs', '2ms'],
    ['latency.searchFactor', 0.5],
    ['latency.gate', null],
    ['reward.kind', 'big'],
    ['reward.exponent', 0.07],
    ['budget.trials', 0],
    ['budget.seconds', -1],
    ['recipe.batch', 0],
    ['recipe.optimiser.momentum', 1],
    ['recipe.norm.epsilon', 0],
    ['proxy.epochs', 1.5],
    ['proxy.learningRate', 0],
    ['final.schedule', 'zigzag'],
    ['refine.delta', 0],
    ['refine.finetune.maxSteps', 0],
    ['host.backend', 'torch'],
    ['host.workers', 65],
    ['host.deadlineSeconds', 0],
    ['host.idleSeconds', 0],
    ['latency.unit', 'ms'],
  ])('with a wrong %s (%j) is refused, named by its path', (path, value) => {
    const { code, found, fix } = complaint(withField(path, value));
    expect(code).toBe('NAS_BAD_CONFIG');
    const unknown = path === 'latency.unit';
    expect(found).toContain(unknown ? 'latency: ' : `${path}: `);
    expect(found).toContain(unknown ? '"unit"' : '');
    expect(fix).toContain('docs/configuration.md');
  });

  it.each([undefined, null, 7, 'text', [], {}])('is never %j', (value) => {
    expect(complaint(value).code).toBe('NAS_BAD_CONFIG');
  });

  it('names five wrong fields together, in one line', () => {
    const wrong = { ...spec, version: 0, seed: 1, mode: 'x', study: 3, data: null, task: null };
    expect(complaint(wrong).found.split('; ')).toHaveLength(5);
  });
});

describe('defaults', () => {
  const wish = (requested: Partial<StudyOptions> = {}): StudySpec => {
    const { data, task } = spec;
    return studySpec({ study: 'demo', data, task, targetMs: 2, ...requested });
  };

  it('give 24 trials on TensorFlow, rewarded as TuNAS does, for what measures within the target', () => {
    expect(wish()).toMatchObject({
      seed: '1',
      space: { name: 'backbone', yaml: null },
      latency: { platform: 'tensorflow', batch: 1, targetMs: 2, searchFactor: 1, gate: 1.5 },
      reward: { kind: 'absolute', exponent: -0.07 },
      strategy: { name: 'surrogate', scaled: DEFAULTS.scaled },
      budget: { trials: 24, seconds: null },
      host: { backend: 'tensorflow', flavour: 'cpu', deterministic: false },
    });
  });

  it('take the surrogate, the controller where its settings are asked for, and what was named', () => {
    expect(wish({ strategy: 'auto' }).strategy.name).toBe('surrogate');
    expect(wish({ strategyPreset: 'paper' }).strategy.name).toBe('ppo');
    expect(wish({ strategy: 'evolution', strategyPreset: 'paper' }).strategy.name).toBe('evolution');
  });

  it('leave out the number of trials where a time is given, and keep both where both are', () => {
    expect(wish({ seconds: 60 }).budget).toEqual({ trials: null, seconds: 60 });
    expect(wish({ seconds: 60, trials: 5 }).budget).toEqual({ trials: 5, seconds: 60 });
  });

  it("weigh latency as each reward's paper does, unless configured otherwise", () => {
    expect(wish({ reward: 'hard' }).reward.exponent).toBe(-1);
    expect(wish({ reward: 'soft' }).reward.exponent).toBe(-0.07);
    expect(wish({ reward: 'soft', rewardExponent: -0.3 }).reward.exponent).toBe(-0.3);
  });

  it('of the paper recipe are RMSProp, exponential decay and an average of the weights', () => {
    const { recipe, proxy, final } = wish({ recipe: 'paper' });
    expect(recipe.optimiser.kind).toBe('rmsprop');
    expect(recipe.emaDecay).toBeGreaterThan(0.99);
    expect(proxy).toMatchObject({ epochs: 5, schedule: 'exponential' });
    expect(final).toMatchObject({ epochs: 350, schedule: 'exponential', warmupEpochs: 5 });
  });

  it('let the learning rate grow with the batch, and fine-tune more gently', () => {
    const [small, large] = [wish({ batch: 32 }), wish({ batch: 128 })];
    expect(large.proxy.learningRate / small.proxy.learningRate).toBeCloseTo(4, 12);
    expect(large.refine.finetune.learningRate).toBeLessThan(large.proxy.learningRate);
    expect(wish({ learningRate: 0.03 }).proxy.learningRate).toBe(0.03);
  });

  it('never warm up longer than a fifth of a training', () => {
    for (const epochs of [1, 2, 100]) {
      const { proxy } = wish({ recipe: 'paper', epochs });
      expect(proxy.warmupEpochs).toBeLessThanOrEqual(epochs / 5);
    }
  });

  it('use one worker per core, two at the most', () => {
    expect(defaultWorkers()).toBe(Math.min(2, availableParallelism()));
    expect(wish().host.workers).toBe(defaultWorkers());
  });

  it('refuse options that no study can have', () => {
    expect(() => wish({ targetMs: Number.NaN })).toThrow(/latency\.targetMs/);
    expect(() => wish({ workers: 0 })).toThrow(/host\.workers/);
  });
});
