import { describe, expect, it } from 'vitest';
import { studyView, trialView, type StudyFacts } from '../../../src/report/index.js';
import { createMemoryStore, type TrialStore } from '../../../src/trials/index.js';
import { done, latency, newTrial, STUDY } from '../../../src/testing/index.js';
import { TEXT } from '../fixtures.js';

const choices = [
  { name: 'kernel', options: [3, 5] },
  { name: 'skip', options: ['id', 'no'] },
];

const facts: StudyFacts = {
  head: {
    ...{ name: 's', space: 'mobilenetv3', data: 'd', strategy: 'ppo', seed: '1', createdAt: 0 },
    ...{ targets: [{ platform: 'tensorflow', targetMs: 2 }], settings: [], environment: [] },
  },
  targetMs: 2,
  classes: 10,
  choices,
  pool: null,
  scaling: null,
  asOf: 5,
};

/** Two samples, two steps of NetAdapt from the second with a proposal that was not taken, a retrained network. */
function lineage(): TrialStore {
  const store = createMemoryStore(STUDY);
  const begin = (over: Parameters<typeof newTrial>[0], accuracy: number, ms: number): void => {
    const [trial] = store.begin([newTrial({ text: TEXT, genome: null, ...over })], null);
    store.finish(trial!.id, done(accuracy, ms), accuracy, null);
  };
  const step = (dimension: string, from: number, to: number) => ({
    dimension,
    from,
    to,
    step: 1,
    targetMs: 2,
  });
  begin({ genome: [0, 1] }, 0.8, 1.5);
  begin({ genome: [1, 1] }, 0.9, 3);
  begin({ kind: 'proposal', parent: 2, note: step('expansion:4', 64, 32) }, 0.85, 2.5);
  begin({ kind: 'netadapt', parent: 2, note: step('expansion:3', 64, 48) }, 0.89, 2.4);
  begin({ kind: 'netadapt', parent: 4, note: step('bottleneck:2,3,5', 24, 16) }, 0.88, 1.9);
  begin({ kind: 'netadapt', parent: 5, note: step('hidden:7', 128, 96) }, 0.87, 1.8);
  begin({ kind: 'netadapt', parent: 6, note: 'x' }, 0.86, 1.7);
  begin({ kind: 'retrain', parent: 5 }, 0.93, 1.9);
  begin({ kind: 'retrain', parent: 1 }, 0.84, 1.5);
  return store;
}

describe('a view of a study', () => {
  it('is what its trials say', () => {
    const store = lineage();
    store.begin([newTrial()], null);
    const view = studyView(store, facts);
    expect(view.counts).toEqual({ done: 9, running: 1, stopped: 0, infeasible: 0, failed: 0 });
    expect(view.points.trial).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(view.points.latencyMs.slice(0, 2)).toEqual([1.5, 3]);
    expect(view.points.kind[2]).toBe('proposal');
    expect(view.frontier).toEqual([1, 7, 6, 5, 4, 2]);
    expect(view.best).toBe(5);
    expect(view.bestSoFar.at(-1)).toEqual([5, 0.88, 5]);
    expect(view.hypervolume?.referenceMs).toBe(4);
    expect(view.choiceImportance.map(({ choice }) => choice).sort()).toEqual(['kernel', 'skip']);
    expect(view.controller).toBeNull();
    expect(view.predictionError).toBeNull();
    expect(JSON.parse(JSON.stringify(view))).toEqual(view);
  });

  it('describes lineages step by step in words', () => {
    const { lineages } = studyView(lineage(), facts);
    expect(lineages.map(({ ancestor }) => ancestor)).toEqual([2, 1]);
    expect(lineages[0]?.members.map(({ trial, parent, change }) => [trial, parent, change])).toEqual([
      [2, null, 'as the search found it'],
      [4, 2, 'expansion of block 3: 64 → 48 channels'],
      [5, 4, 'output of blocks 2, 3 and 5: 24 → 16 channels'],
      [6, 5, 'hidden layer of block 7: 128 → 96 channels'],
      [7, 6, 'made narrower'],
      [8, 5, 'trained from scratch, evaluated on the test set'],
    ]);
    expect(lineages[1]?.members.map(({ trial, accuracy }) => [trial, accuracy])).toEqual([
      [1, 0.8],
      [9, 0.84],
    ]);
  });

  it('of an empty study is empty', () => {
    const view = studyView(createMemoryStore(STUDY), facts);
    expect(view).toMatchObject({
      frontier: [],
      best: null,
      hypervolume: null,
      bestSoFar: [],
      choiceImportance: [],
      lineages: [],
    });
  });

  it('knows no effects where the space is another one', () => {
    expect(studyView(lineage(), { ...facts, choices: null }).choiceImportance).toEqual([]);
  });
});

describe('a view of a trial', () => {
  it('has its blocks with shapes and costs that add up', () => {
    const view = trialView(lineage(), 1, facts);
    expect(view?.blocks.map(({ kind }) => kind)).toEqual([
      ...['conv 3×3', 'bottleneck 3×3', 'bottleneck 3×3', 'bottleneck 5×5', 'bottleneck 3×3', 'conv 1×1'],
      ...['average pooling', 'dense', 'dense'],
    ]);
    expect(view?.blocks[3]).toMatchObject({
      name: '3',
      details: ['stride 2', 'expansion 72', 'ReLU', 'squeeze-and-excite 24'],
      input: [14, 14, 24],
      output: [7, 7, 40],
    });
    expect(view?.blocks[4]?.details).toContain('skip');
    for (const [at, block] of (view?.blocks ?? []).entries())
      if (at > 0) expect(block.input).toEqual(view?.blocks[at - 1]?.output);
  });

  it('has ancestors, children, genome, note and curve', () => {
    const store = lineage();
    expect(trialView(store, 1, facts)?.genome).toEqual([
      ['kernel', '3'],
      ['skip', 'no'],
    ]);
    expect(trialView(store, 1, { ...facts, choices: null })?.genome).toEqual([
      ['choice 1', '0'],
      ['choice 2', '1'],
    ]);
    const step = trialView(store, 5, facts);
    expect(step?.ancestors.map(({ trial }) => trial)).toEqual([4, 2]);
    expect(step?.children.map(({ trial }) => trial)).toEqual([6, 8]);
    expect(step?.note).toContainEqual(['dimension', 'bottleneck:2,3,5']);
    expect(step?.genome).toEqual([]);
    expect(step?.curve).toHaveLength(2);
    expect(trialView(store, 99, facts)).toBeUndefined();
  });

  it('has each platform with its target, and what else was noted', () => {
    const store = createMemoryStore(STUDY);
    store.begin([newTrial()], null);
    const also = [{ ...latency(7, { platform: 'chromium' }), targetMs: 6 }];
    const record = latency(2, {
      reference: { medianMs: 1.5, madMs: 0, factor: 0.98, drift: 0.021 },
      hostState: { clockMhz: [2000, 2100], load: 1.5, temperatureC: 45 },
      settled: false,
      predicted: { medianMs: 2.2, lowMs: 2, highMs: 2.5 },
      also,
    });
    store.finish(1, done(0.5, 2, { latency: record }), 0, null);
    const latencies = trialView(store, 1, facts)?.latencies;
    expect(latencies?.map(({ platform, targetMs, medianMs }) => [platform, targetMs, medianMs])).toEqual([
      ['tensorflow', 2, 2],
      ['chromium', 6, 7],
    ]);
    expect(latencies?.[0]?.notes).toEqual([
      '3 runs of batch 1',
      'predicted before: 2.20 ms, 95 % within 2 ms and 2.50 ms',
      'reference network 1.500 ms, drift 2.1 %, so times 0.980 to compare with other sessions',
      'clock 2000 → 2100 MHz, load 1.50, 45 °C',
      'the machine was too noisy for the precision asked for',
    ]);
  });

  it('is JSON also for a diverged run and a text that cannot be read', () => {
    const store = createMemoryStore(STUDY);
    store.begin([newTrial({ text: '</script>' })], null);
    const curve = [{ epoch: 1, step: 1, loss: Number.NaN, trainAccuracy: 0.1, accuracy: null, seconds: 1 }];
    store.finish(1, { state: 'failed', reason: 'diverged', latency: null, curve, seconds: 1 }, null, null);
    const view = trialView(store, 1, facts);
    expect(view?.blocks).toEqual([]);
    expect(view?.curve[0]?.loss).toBeNull();
    expect(JSON.parse(JSON.stringify(view))).toEqual(view);
  });
});
