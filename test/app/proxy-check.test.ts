import { describe, expect, it } from 'vitest';
import { spreadNetworks } from '../../src/app/proxy-check/networks.js';
import { proxyCheckPhase } from '../../src/app/proxy-check/phase.js';
import { proxyDigest, trainingOf } from '../../src/app/proxy-check/settings.js';
import { spaceOf, type Session } from '../../src/app/study/session.js';
import { createRetry, withoutPauses } from '../../src/core/index.js';
import { maddsOf, parseArchitecture, searchSpace } from '../../src/space/index.js';
import { done, latency, STUDY } from '../../src/testing/index.js';
import { createMemoryStore, type Job, type Outcome, type TrialStore } from '../../src/trials/index.js';
import { fakeStudy } from './samples.js';

const OPTIONS = { networks: 8, repeats: 2, longSteps: 300, targetMs: null };
const silent = (): void => undefined;
const maddsIn = (text: string): number => Math.log(maddsOf(parseArchitecture(text)));

/** A pool that answers each training with a loss; of some steps on it is interrupted. */
function session(
  lossOf: (madds: number, isLong: boolean) => number,
  store: TrialStore = createMemoryStore(STUDY),
  stopAfter = Infinity,
) {
  const jobs: Job[] = [];
  const stop = new AbortController();
  const pool = {
    slots: 2,
    measure: (texts: readonly string[]) => Promise.resolve(texts.map((text) => latency(maddsIn(text) / 10))),
    evaluate(job: Job): Promise<Outcome> {
      if (jobs.length >= stopAfter) {
        stop.abort();
        return Promise.resolve({ state: 'stopped', reason: 'asked', latency: null, curve: [], seconds: 1 });
      }
      jobs.push(job);
      const heldOutLoss = lossOf(maddsIn(job.text), job.plan.maxSteps === OPTIONS.longSteps);
      const point = { epoch: 1, step: 1, loss: 1, trainAccuracy: 1, accuracy: 0.5, seconds: 1, heldOutLoss };
      return Promise.resolve({ ...done(1 / (1 + heldOutLoss), 1), curve: [point] } as Outcome);
    },
  };
  const retry = createRetry({ limitSeconds: 0, onEvent: () => undefined });
  const spec = fakeStudy({ strategy: 'random', maxSteps: 30 });
  const parts = { store, retry, spec, space: spaceOf(spec), signal: stop.signal };
  return { jobs, store, session: { ...parts, pool: () => Promise.resolve(pool) } as unknown as Session };
}

describe('a proxy check', () => {
  it('finds that a short training ranks as the long one does', async () => {
    const { jobs, session: given } = session((madds, isLong) => (isLong ? 1 : 3) / madds);
    const check = await proxyCheckPhase(given, OPTIONS, silent);
    expect(check).toMatchObject({ tau: 1, low: 1, high: 1, regret: 0, verdict: 'well', repeats: 2 });
    expect(check?.networks).toHaveLength(8);
    expect(check?.noise).toEqual({ short: 0, long: 0 });
    expect(jobs).toHaveLength(32);
    expect(jobs.map(({ plan }) => plan.maxSteps)).toEqual([
      ...Array<number>(16).fill(30),
      ...Array<number>(16).fill(300),
    ]);
    expect(new Set(jobs.map(({ seed }) => seed)).size).toBe(32);
    for (const job of jobs) expect(job).toMatchObject({ evaluationSplit: 'validation', gateMs: null });
  });

  it('finds that it ranks the other way round, and what that costs', async () => {
    const { session: given } = session((madds, isLong) => (isLong ? 1 / madds : madds));
    const check = await proxyCheckPhase(given, OPTIONS, silent);
    expect(check).toMatchObject({ tau: -1, verdict: 'hardly' });
    const accuracies = check?.networks.map(({ long }) => long.accuracy) ?? [];
    expect(check?.regret).toBeCloseTo(Math.max(...accuracies) - Math.min(...accuracies), 12);
  });

  it('interrupted, trains what is missing of the same networks', async () => {
    const store = createMemoryStore(STUDY);
    const first = session((madds) => 1 / madds, store, 5);
    expect(await proxyCheckPhase(first.session, OPTIONS, silent)).toBeUndefined();
    const second = session((madds) => 1 / madds, store);
    const check = await proxyCheckPhase(second.session, { ...OPTIONS, networks: 5 }, silent);
    expect(check?.networks).toHaveLength(8);
    const trained = [...first.jobs.slice(0, 5), ...second.jobs].map(({ trial }) => trial);
    expect(new Set(trained).size).toBe(32);
    const keys = [...store.trials()].map(({ note }) => JSON.stringify(trainingOf(note)));
    expect(new Set(keys).size).toBe(32);
  });

  it('of networks within a target takes such only, and says where there are too few', async () => {
    const { session: given } = session((madds) => 1 / madds);
    const check = await proxyCheckPhase(given, { ...OPTIONS, targetMs: 1.7 }, silent);
    for (const { latencyMs } of check?.networks ?? []) expect(latencyMs).toBeLessThanOrEqual(1.7);
    expect(check?.networks.length).toBeGreaterThan(3);
    const none = session((madds) => 1 / madds);
    await expect(proxyCheckPhase(none.session, { ...OPTIONS, targetMs: 0.1 }, silent)).rejects.toMatchObject({
      code: 'NAS_PROXY_CHECK',
    });
  });

  it('is not made of a study with other trials', async () => {
    const store = createMemoryStore(STUDY);
    const trial = { genome: null, text: 'a', params: 1, madds: 1, seed: 's', note: null };
    store.begin([{ kind: 'sample', parent: null, ...trial }], null);
    const { session: given } = session(() => 1, store);
    await expect(proxyCheckPhase(given, OPTIONS, silent)).rejects.toMatchObject({ code: 'NAS_PROXY_CHECK' });
  });

  it('draws networks of all sizes, the same for the same seed', () => {
    const space = searchSpace('backbone', { input: [28, 28, 1], classes: 10 });
    const drawn = (seed: string) => withoutPauses(spreadNetworks(space, 12, seed));
    const madds = drawn('1').map((one) => one.madds);
    expect(madds).toEqual(madds.toSorted((a, b) => a - b));
    expect((madds.at(-1) ?? 0) / (madds[0] ?? 1)).toBeGreaterThan(4);
    expect(drawn('1')).toEqual(drawn('1'));
    expect(drawn('2')).not.toEqual(drawn('1'));
  });

  it('answers for searches of the same data, space, recipe and schedule', () => {
    const digestOf = (requested: Parameters<typeof fakeStudy>[0]) => {
      const spec = fakeStudy(requested);
      return proxyDigest(spec, spaceOf(spec).digest);
    };
    const same = digestOf({ maxSteps: 100 });
    expect(digestOf({ maxSteps: 100, targetMs: 1, seed: '7', strategy: 'evolution' })).toBe(same);
    expect(digestOf({ maxSteps: 200 })).not.toBe(same);
    expect(digestOf({ maxSteps: 100, recipe: 'paper' })).not.toBe(same);
    expect(digestOf({ maxSteps: 100, space: { name: 'backbone', yaml: null } })).not.toBe(same);
  });
});
