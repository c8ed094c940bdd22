import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildNetwork, decodeWeights } from '../../src/network/index.js';
import type { FakeBackendSpec, HostSpecInput } from '../../src/pool/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import type { Progress } from '../../src/trials/index.js';
import { goOn, job, never, TEXT, until, WIDER, type Opened } from '../pool/helpers.js';

type Fake = Partial<Omit<FakeBackendSpec, 'kind'>>;

/** Opens a pool of the test double, with its checkpoints folder. */
export type OpenPool = (fake?: Fake, changes?: Partial<HostSpecInput>) => Promise<Opened>;

const long = { ...job(1).plan, epochs: 1000 };

/** What search, NetAdapt and retraining rely on, wherever candidates are trained. */
export function describePool(name: string, open: OpenPool): void {
  describe(name, { timeout: 120_000 }, () => {
    it('evaluates more jobs than slots; equal jobs have equal outcomes', async () => {
      await using opened = await open();
      const { pool } = opened;
      const seen: Progress[] = [];
      const outcomes = await Promise.all(
        [1, 2, 3, 4, 5].map((trial) =>
          pool.evaluate(job(trial, { text: trial === 5 ? WIDER : TEXT }), never, (progress) => {
            seen.push(progress);
            return 'continue';
          }),
        ),
      );
      expect(outcomes.map((outcome) => outcome.state)).toEqual(new Array(5).fill('done'));
      const [first, , , fourth, fifth] = outcomes;
      if (first?.state !== 'done' || fourth?.state !== 'done' || fifth?.state !== 'done')
        throw new Error('not done');
      expect(first.accuracy).toBe(fourth.accuracy);
      expect(fifth.latency.medianMs).toBeGreaterThan(first.latency.medianMs);
      expect(first.curve).toHaveLength(5);
      expect(pool.slots).toBe(2);
      const phases = seen.filter(({ trial }) => trial === 3).map(({ phase }) => phase);
      expect(phases[0]).toBe('waiting');
    });

    it('keeps weights in the checkpoints folder that fit the network, and nothing else', async () => {
      await using opened = await open();
      const outcome = await opened.pool.evaluate(job(1, { checkpoint: 'trial-1.weights' }), never, goOn);
      expect(outcome).toMatchObject({ state: 'done', checkpoint: 'trial-1.weights' });
      expect(readdirSync(opened.checkpoints)).toEqual(['trial-1.weights']);
      const network = buildNetwork(parseArchitecture(TEXT));
      const bytes = readFileSync(join(opened.checkpoints, 'trial-1.weights'));
      expect(decodeWeights(bytes, network).size).toBe(network.parameters.length);
    });

    it('starts surgery from weights of the checkpoints folder', async () => {
      await using opened = await open();
      await opened.pool.evaluate(job(1, { text: WIDER, checkpoint: 'trial-1.weights' }), never, goOn);
      const start = { kind: 'surgery', checkpoint: 'trial-1.weights', text: WIDER } as const;
      const shrunk = await opened.pool.evaluate(job(2, { start }), never, goOn);
      expect(shrunk.state).toBe('done');
    });

    it('gates before training, and keeps a latency that it is given', async () => {
      await using opened = await open();
      const infeasible = await opened.pool.evaluate(job(1, { text: WIDER, gateMs: 0.1 }), never, goOn);
      expect(infeasible).toMatchObject({ state: 'infeasible' });
      const given = await opened.pool.evaluate(job(2, { latency: infeasible.latency }), never, goOn);
      expect(given).toMatchObject({ state: 'done', latency: { medianMs: infeasible.latency?.medianMs } });
    });

    it('measures in order', async () => {
      await using opened = await open();
      const records = await opened.pool.measure([WIDER, TEXT, WIDER], never);
      expect(records).toHaveLength(3);
      expect(records[0]?.medianMs).toBeGreaterThan(2 * (records[1]?.medianMs ?? 0));
      expect(await opened.pool.measure([], never)).toEqual([]);
    });

    it('stops on the signal, and when progress says so; a stop is no failure', async () => {
      await using opened = await open({ stepMs: 20 });
      const stop = new AbortController();
      let trains = false;
      const first = opened.pool.evaluate(job(1, { plan: long }), stop.signal, ({ phase }) => {
        trains ||= phase === 'training';
        return 'continue';
      });
      const second = opened.pool.evaluate(job(2, { plan: long }), never, ({ phase }) =>
        phase === 'training' ? 'stop' : 'continue',
      );
      expect(await second).toMatchObject({ state: 'stopped', reason: 'ended early' });
      await until(() => trains, 3000);
      stop.abort();
      expect(await first).toMatchObject({ state: 'stopped' });
      const aborted = await opened.pool.evaluate(job(3), stop.signal, goOn);
      expect(aborted).toMatchObject({ state: 'stopped' });
      await expect(opened.pool.measure([TEXT], stop.signal)).rejects.toMatchObject({ code: 'NAS_STOPPED' });
    });

    it('stops a job that waits for a slot', async () => {
      await using opened = await open({ stepMs: 20 }, { workers: 1 });
      const stop = new AbortController();
      const busy = opened.pool.evaluate(job(1, { plan: long }), stop.signal, goOn);
      const waits = opened.pool.evaluate(job(2), stop.signal, goOn);
      stop.abort();
      expect((await Promise.all([busy, waits])).map(({ state }) => state)).toEqual(['stopped', 'stopped']);
    });

    it('reports a diverged candidate with its curve, NaN included', async () => {
      await using opened = await open({ faults: [{ kind: 'diverge', trials: [1], attempts: 9 }] });
      const outcome = await opened.pool.evaluate(job(1), never, goOn);
      if (outcome.state !== 'failed') throw new Error(outcome.state);
      expect(outcome.reason).toMatch(/^diverged/);
      expect(outcome.curve.at(-1)?.loss).toBeNaN();
    });

    it('retries a candidate whose host died once; two deaths are its own fault', async () => {
      await using opened = await open({
        faults: [
          { kind: 'crash', trials: [1], attempts: 1 },
          { kind: 'crash', trials: [2], attempts: 9 },
        ],
      });
      const once = await opened.pool.evaluate(job(1), never, goOn);
      expect(once.state).toBe('done');
      const twice = await opened.pool.evaluate(job(2), never, goOn);
      expect(twice).toMatchObject({ state: 'failed' });
      if (twice.state === 'failed') expect(twice.reason).toMatch(/^crashed twice/);
    });

    it('rejects with a fault of the surroundings, which is no end of the trial', async () => {
      await using opened = await open({ faults: [{ kind: 'nospace', trials: [1], attempts: 9 }] });
      await expect(opened.pool.evaluate(job(1), never, goOn)).rejects.toMatchObject({
        code: 'NAS_DISK_FULL',
        fault: 'transient',
      });
      // The same job once more, as one does after waiting.
      await expect(opened.pool.evaluate(job(1), never, goOn)).rejects.toMatchObject({
        code: 'NAS_DISK_FULL',
      });
    });
  });
}
