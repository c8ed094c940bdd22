import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildNetwork, decodeWeights } from '../../src/network/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import type { Progress } from '../../src/trials/index.js';
import { goOn, job, lives, never, openPool, TEXT, WIDER } from './helpers.js';

describe('pool with a real host and threads', { timeout: 30_000 }, () => {
  it('evaluates more jobs than slots, each with its latency, curve and progress', async () => {
    await using opened = await openPool({ stepMs: 10 });
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
    expect(pool.slots).toBe(2);
    const [first, , , fourth, fifth] = outcomes;
    if (first?.state !== 'done' || fourth?.state !== 'done' || fifth?.state !== 'done')
      throw new Error('not done');
    expect(first.accuracy).toBe(fourth.accuracy);
    expect(fifth.latency.medianMs).toBeGreaterThan(first.latency.medianMs);
    expect(first.curve).toHaveLength(5);
    const phases = seen.filter(({ trial }) => trial === 3).map(({ phase }) => phase);
    expect(phases[0]).toBe('waiting');
    // what is reported last may be overtaken by the outcome
    expect(phases.filter((phase) => phase === 'training').length).toBeGreaterThanOrEqual(4);
  });

  it('measures in order, interleaved, also while jobs hold every slot', async () => {
    await using opened = await openPool({ stepMs: 5 });
    const { pool } = opened;
    const stop = new AbortController();
    const busy = [1, 2].map((trial) =>
      pool.evaluate(job(trial, { plan: { ...job(1).plan, epochs: 1000 } }), stop.signal, goOn),
    );
    const records = await pool.measure([WIDER, TEXT, WIDER], never);
    expect(records[0]?.medianMs).toBeGreaterThan(2 * (records[1]?.medianMs ?? 0));
    expect(records[2]?.medianMs).toBeCloseTo(records[0]?.medianMs ?? 0, 1);
    expect(new Set(records.map((record) => record.fingerprint)).size).toBe(1);
    stop.abort();
    const outcomes = await Promise.all(busy);
    expect(outcomes.map((outcome) => outcome.state)).toEqual(['stopped', 'stopped']);
  });

  it('gates before training', async () => {
    await using opened = await openPool();
    const outcome = await opened.pool.evaluate(
      job(1, { text: WIDER, gateMs: 0.1, checkpoint: 'a' }),
      never,
      goOn,
    );
    expect(outcome.state).toBe('infeasible');
    expect(readdirSync(opened.checkpoints)).toEqual([]);
  });

  it('writes a checkpoint that fits the network, and nothing next to it', async () => {
    await using opened = await openPool();
    const outcome = await opened.pool.evaluate(job(1, { checkpoint: 'trial-1.safetensors' }), never, goOn);
    expect(outcome).toMatchObject({ state: 'done', checkpoint: 'trial-1.safetensors' });
    expect(readdirSync(opened.checkpoints)).toEqual(['trial-1.safetensors']);
    const network = buildNetwork(parseArchitecture(TEXT));
    const weights = decodeWeights(readFileSync(join(opened.checkpoints, 'trial-1.safetensors')), network);
    expect(weights.size).toBe(network.parameters.length);
  });

  it('refuses checkpoint names that lead out of the folder', async () => {
    await using opened = await openPool();
    for (const checkpoint of ['../outside', 'a/b', '.hidden', '', 'a\0b'])
      expect(await opened.pool.evaluate(job(1, { checkpoint }), never, goOn)).toMatchObject({
        state: 'failed',
        reason: expect.stringContaining('checkpoint: expected a plain file name') as string,
      });
    expect(readdirSync(opened.checkpoints)).toEqual([]);
  });

  it('stops between steps: by signal, by progress, while waiting, and when it was aborted before', async () => {
    await using opened = await openPool({ stepMs: 2 }, { workers: 1 });
    const { pool } = opened;
    const long = { plan: { ...job(1).plan, epochs: 1000 } };
    const stop = new AbortController();
    const first = pool.evaluate(job(1, long), stop.signal, ({ phase }) => {
      if (phase === 'training') stop.abort('the time is up');
      return 'continue';
    });
    const waiting = new AbortController();
    const second = pool.evaluate(job(2, long), waiting.signal, goOn);
    waiting.abort();
    expect(await second).toMatchObject({ state: 'stopped', curve: [] });
    const outcome = await first;
    expect(outcome).toMatchObject({ state: 'stopped', reason: 'the time is up' });
    expect(outcome.state === 'stopped' && outcome.curve.length).toBeGreaterThan(0);
    const third = await pool.evaluate(job(3, long), never, ({ done }) => (done > 0 ? 'stop' : 'continue'));
    expect(third).toMatchObject({ state: 'stopped', reason: 'ended early' });
    expect(await pool.evaluate(job(4, long), AbortSignal.abort(), goOn)).toMatchObject({ state: 'stopped' });
  });

  it('ends its host when it is closed, and what runs is stopped', async () => {
    const opened = await openPool({ stepMs: 5 });
    const { pool } = opened;
    const pid = pool.hostPid;
    const outcome = pool.evaluate(job(1, { plan: { ...job(1).plan, epochs: 1000 } }), never, goOn);
    await opened[Symbol.asyncDispose]();
    expect(await outcome).toMatchObject({ state: 'stopped', reason: 'the pool was closed' });
    expect(lives(pid)).toBe(false);
    expect(await pool.evaluate(job(2), never, goOn)).toMatchObject({ state: 'stopped' });
  });
});
