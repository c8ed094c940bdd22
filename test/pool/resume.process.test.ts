import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startPool, type HostSpecInput } from '../../src/pool/index.js';
import { quickRecipe } from '../../src/train/index.js';
import type { Job, Outcome, Progress } from '../../src/trials/index.js';
import { fakeSpec, goOn, job, never, temporaryFolder, until } from './helpers.js';
import { pictures } from './pictures.js';

const TEXT = 'nas1:12x12x3 cn_k3_s2_c4_re gap fc_c2_id';
const plan: Job['plan'] = {
  epochs: 3,
  maxSteps: null,
  learningRate: 0.05,
  schedule: 'cosine',
  warmupEpochs: 0.5,
};
const STATE = 'trial-1.training';
/** Looks, 10 ms apart, for which another host is waited for. */
const PATIENCE = 6000;
const WEIGHTS = 'trial-1.weights';

/** Trains trial 1 on the reference backend, in pools of a separate folder. */
async function scene(folder: string) {
  const data = await pictures(join(folder, 'pictures'));
  const base = fakeSpec(folder);
  const lines: string[] = [];
  const spec: HostSpecInput = {
    ...base,
    backend: { kind: 'reference' },
    data: { name: data, folder, heldOut: 0.2, seed: '1', size: 12, limit: null },
    recipe: { ...quickRecipe, batch: 4 },
    latency: {
      ...base.latency,
      protocol: { ...base.latency.protocol, warmupRuns: 1, burst: 1, minRuns: 1, maxRuns: 1 },
    },
    workers: 1,
    graceSeconds: 10,
    keepSeconds: 0.001,
  };
  const work = job(1, { text: TEXT, plan, checkpoint: WEIGHTS });
  return {
    lines,
    work,
    open: () => startPool(spec, { signal: never, log: (line) => lines.push(line), environment: process.env }),
    file: (name: string) => readFileSync(join(folder, name)),
    write: (name: string, bytes: Uint8Array) => writeFileSync(join(folder, name), bytes),
    has: (name: string) => existsSync(join(folder, name)),
  };
}

function lasting(outcome: Outcome) {
  if (outcome.state !== 'done') throw new Error(JSON.stringify(outcome));
  return {
    accuracy: outcome.accuracy,
    curve: outcome.curve.map(({ seconds: _, ...point }) => point),
  };
}

describe('a training whose host or controller ends', { timeout: 120_000 }, () => {
  it('resumes after SIGKILL of its host and after a stop, and ends with the very same weights', async () => {
    using folder = temporaryFolder();
    const { open, work, lines, file, has, write } = await scene(folder.path);
    await using pool = await open();
    const whole = await pool.evaluate(work, never, goOn);
    expect(whole.state).toBe('done');
    const weights = file(WEIGHTS);
    write(WEIGHTS, Uint8Array.of(0));
    expect(has(STATE)).toBe(false);
    expect(lines.join()).not.toMatch(/resuming/);

    const notes: string[] = [];
    let done = 0;
    const hear = (progress: Progress) => {
      if (progress.note !== undefined) notes.push(progress.note);
      if (progress.phase === 'training') done = progress.done;
      return 'continue' as const;
    };
    // Killed from outside: the pool tries again, which resumes; then stopped as by Ctrl-C.
    const stop = new AbortController();
    const outcome = pool.evaluate(work, stop.signal, hear);
    await until(() => has(STATE) && done > 0.1, PATIENCE);
    process.kill(pool.hostPid ?? 0, 'SIGKILL');
    await until(() => notes.length > 0, PATIENCE);
    stop.abort();
    expect(await outcome).toMatchObject({ state: 'stopped' });
    expect(has(STATE)).toBe(true);

    expect(lasting(await pool.evaluate(work, never, hear))).toEqual(lasting(whole));
    expect(notes).toHaveLength(2);
    expect(notes.every((note) => /^resuming at step [1-9]\d* of 39$/.test(note))).toBe(true);
    expect(lines.join()).toContain(`trial 1: ${notes[1] ?? ''}`);
    expect(file(WEIGHTS)).toEqual(weights);
    expect(has(STATE)).toBe(false);
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('begins again, with a line in the log, where the state is damaged or of another plan', async () => {
    using folder = temporaryFolder();
    const { open, work, lines, file, has, write } = await scene(folder.path);
    await using pool = await open();
    write(STATE, new TextEncoder().encode('no state at all'));
    const short = { ...work, plan: { ...plan, epochs: 1 } };
    expect((await pool.evaluate(short, never, goOn)).state).toBe('done');
    expect(lines.join('\n')).toMatch(
      /trial 1: trial-1\.training is ignored, training begins again: it is damaged/,
    );
    expect(has(STATE)).toBe(false);

    const stop = new AbortController();
    const stopped = await pool.evaluate(work, stop.signal, ({ phase, done }) => {
      if (phase === 'training' && done > 0.05) stop.abort();
      return 'continue';
    });
    expect(stopped.state).toBe('stopped');
    const state = file(STATE);
    for (const other of [short, { ...work, seed: 'other' }, { ...work, text: TEXT.replace('c4', 'c8') }]) {
      write(STATE, state);
      lines.length = 0;
      const outcome = await pool.evaluate({ ...other, plan: short.plan }, never, goOn);
      expect(outcome.state).toBe('done');
      expect(lines.join('\n')).toMatch(/is ignored, training begins again: it belongs to another/);
    }
  });
});
