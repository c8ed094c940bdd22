import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startPool } from '../../src/pool/index.js';
import { fakeSpec, goOn, job, lives, never, openPool, temporaryFolder, TEXT, until } from './helpers.js';

const fault = (
  kind: 'crash' | 'abort' | 'hang' | 'throw' | 'error' | 'memory' | 'diverge',
  trials: number[],
  attempts = 1,
) => ({
  faults: [{ kind, trials, attempts }],
});

describe('a host that dies', { timeout: 30_000 }, () => {
  it('costs the running jobs one retry each, with the same result as without', async () => {
    await using undisturbed = await openPool();
    const expected = await undisturbed.pool.evaluate(job(1), never, goOn);
    await using opened = await openPool(fault('crash', [2]));
    const before = opened.pool.hostPid;
    const outcomes = await Promise.all(
      [1, 2, 3].map((trial) => opened.pool.evaluate(job(trial), never, goOn)),
    );
    expect(outcomes.map((outcome) => outcome.state)).toEqual(['done', 'done', 'done']);
    expect(outcomes[1]).toMatchObject({ accuracy: expected.state === 'done' && expected.accuracy });
    expect(opened.pool.hostPid).not.toBe(before);
    expect(opened.lines.join()).toMatch(/SIGKILL/);
  });

  it('is survived when it is killed from outside', async () => {
    await using opened = await openPool({ stepMs: 3 });
    const { pool } = opened;
    let training = false;
    const outcome = pool.evaluate(job(1, { plan: { ...job(1).plan, epochs: 20 } }), never, ({ phase }) => {
      training ||= phase === 'training';
      return 'continue';
    });
    await until(() => training);
    process.kill(pool.hostPid ?? 0, 'SIGKILL');
    expect((await outcome).state).toBe('done');
  });

  it('fails the job that killed two hosts, with the last words, and not its neighbour', async () => {
    await using opened = await openPool({ stepMs: 3, ...fault('abort', [1], 2) });
    const [guilty, innocent] = await Promise.all(
      [1, 2].map((trial) => opened.pool.evaluate(job(trial), never, goOn)),
    );
    expect(guilty).toMatchObject({ state: 'failed' });
    expect(guilty?.state === 'failed' && guilty.reason).toMatch(/crashed twice.*SIGKILL.*bad_alloc/);
    expect(innocent?.state).toBe('done');
    expect((await opened.pool.evaluate(job(3), never, goOn)).state).toBe('done');
  });

  it('is given up after five in a row: what was not at fault is refused, and the error says how it died', async () => {
    await using opened = await openPool(fault('abort', [1, 2, 3, 4, 5, 6], 9));
    const { pool } = opened;
    const ends = await Promise.allSettled(
      [1, 2, 3, 4, 5, 6].map((trial) => pool.evaluate(job(trial), never, goOn)),
    );
    // Deaths: 1 and 2 together, 1 alone, 2 alone, 3 and 4 together, 3 alone.
    const failed = { status: 'fulfilled', value: { state: 'failed' } };
    const found = expect.stringMatching(/5 times in a row.*SIGKILL.*std::bad_alloc/) as string;
    const refused = { status: 'rejected', reason: { code: 'NAS_HOST_DIES', found } };
    expect(ends).toMatchObject([failed, failed, failed, refused, refused, refused]);
    expect(opened.lines.filter((line) => line.includes('SIGKILL'))).toHaveLength(5);
    expect(pool.failure).toMatchObject({ code: 'NAS_HOST_DIES' });
    await expect(pool.evaluate(job(9), never, goOn)).rejects.toMatchObject({ code: 'NAS_HOST_DIES' });
    await expect(pool.measure([TEXT], never)).rejects.toMatchObject({ code: 'NAS_HOST_DIES' });
  });

  it('makes the start fail when it dies before it is ready, with its last words', async () => {
    await expect(openPool({ startUp: 'exit' })).rejects.toMatchObject({
      code: 'NAS_HOST_DIES',
      found: expect.stringMatching(/5 times.*code 3.*scripted last words/) as string,
    });
  });

  it("reports a user's error unchanged, at the first try", async () => {
    await expect(openPool({ startUp: 'error' })).rejects.toMatchObject({
      code: 'NAS_SCRIPTED',
      fix: 'choose another script',
    });
  });

  it('during a measurement costs one retry', async () => {
    await using opened = await openPool({ faults: [{ kind: 'crash', trials: [0], attempts: 1 }] });
    const records = await opened.pool.measure([TEXT], never);
    expect(records).toHaveLength(1);
  });
});

describe("a user's error that shows late", { timeout: 30_000 }, () => {
  it('in a measurement keeps its code and its fix on the way out of the thread', async () => {
    await using opened = await openPool({ faults: [{ kind: 'error', trials: [0], attempts: 1 }] });
    await expect(opened.pool.measure([TEXT], never)).rejects.toMatchObject({
      name: 'NasError',
      code: 'NAS_SCRIPTED',
      found: 'a scripted error',
      expected: 'another script',
      fix: 'choose one',
    });
  });

  it('in a trial is its reason, with the fix', async () => {
    await using opened = await openPool(fault('error', [1], 9));
    expect(await opened.pool.evaluate(job(1), never, goOn)).toMatchObject({
      state: 'failed',
      reason: 'a scripted error; expected another script. fix: choose one',
    });
  });
});

describe('misfortune inside one job', { timeout: 90_000 }, () => {
  it.each([
    ['throw', /a scripted error/],
    ['memory', /OOM when allocating/],
    ['diverge', /NaN/],
  ] as const)('%s fails that job only and needs no other host', async (kind, reason) => {
    await using opened = await openPool(fault(kind, [1], 9));
    const before = opened.pool.hostPid;
    const [bad, good] = await Promise.all(
      [1, 2].map((trial) => opened.pool.evaluate(job(trial), never, goOn)),
    );
    expect(bad?.state === 'failed' && bad.reason).toMatch(reason);
    expect(good?.state).toBe('done');
    expect(opened.pool.hostPid).toBe(before);
  });

  it('a text that is no architecture, or a checkpoint that is missing, fails the job', async () => {
    await using opened = await openPool();
    const nonsense = await opened.pool.evaluate(job(1, { text: 'nas1:nonsense' }), never, goOn);
    expect(nonsense.state).toBe('failed');
    const start = { kind: 'surgery', checkpoint: 'gone', text: TEXT } as const;
    const orphan = await opened.pool.evaluate(job(2, { start }), never, goOn);
    expect(orphan.state === 'failed' && orphan.reason).toMatch(/checkpoint gone cannot be read/);
    await expect(opened.pool.measure(['nas1:nonsense'], never)).rejects.toMatchObject({
      code: 'NAS_BAD_ARCHITECTURE',
    });
  });

  it('a job that gets on takes as long as it takes, though that is many times the patience', async () => {
    await using opened = await openPool({ stepMs: 5 }, { idleSeconds: 1, workers: 1 });
    const plan = { ...job(1).plan, epochs: 80 };
    const outcome = await opened.pool.evaluate(job(1, { plan }), never, goOn);
    expect(outcome).toMatchObject({ state: 'done' });
    expect(outcome.seconds).toBeGreaterThan(1.9);
  });

  it('a job that hangs once is tried once more, by itself and in another host', async () => {
    await using opened = await openPool(fault('hang', [1]), { idleSeconds: 0.5 });
    const before = opened.pool.hostPid;
    expect((await opened.pool.evaluate(job(1), never, goOn)).state).toBe('done');
    expect(opened.pool.hostPid).not.toBe(before);
    expect(opened.lines.join()).toMatch(/no progress for 0.5 s: tried once more/);
  });

  it('a job that hangs inside a step loses its thread; the timing lock is free again and the host is replaced when idle', async () => {
    await using opened = await openPool({ stepMs: 2, ...fault('hang', [1], 9) }, { idleSeconds: 1.5 });
    const { pool } = opened;
    const before = pool.hostPid;
    const outcomes = Promise.all([
      pool.evaluate(job(1), never, goOn),
      pool.evaluate(job(2, { plan: { ...job(1).plan, epochs: 60 } }), never, goOn),
    ]);
    // waits for the step that hangs, and gets its turn when the lock is taken from it
    await expect(pool.measure([TEXT], never)).resolves.toHaveLength(1);
    const [hung, other] = await outcomes;
    expect(hung.state === 'failed' && hung.reason).toMatch(/no progress for 1.5 s.*by force/);
    expect(other.state).toBe('done');
    expect((await pool.evaluate(job(3), never, goOn)).state).toBe('done');
    expect(pool.hostPid).not.toBe(before);
    expect(lives(before)).toBe(false);
  });

  it('a job that hangs is also stopped by force when it is asked to', async () => {
    await using opened = await openPool(fault('hang', [1], 9));
    const stop = new AbortController();
    const outcome = opened.pool.evaluate(job(1), stop.signal, ({ phase }) => {
      if (phase === 'training') stop.abort();
      return 'continue';
    });
    expect(await outcome).toMatchObject({ state: 'stopped', reason: 'stopped on request' });
  });
});

describe('the door of the host', { timeout: 30_000 }, () => {
  it('refuses a specification with a wrong field and names it', async () => {
    using folder = temporaryFolder();
    const spec = { ...fakeSpec(folder.path), workers: 0 };
    const options = { signal: never, log: () => undefined, environment: process.env };
    await expect(startPool(spec, options)).rejects.toMatchObject({
      code: 'NAS_BAD_HOST_SPEC',
      found: expect.stringContaining('workers') as string,
    });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('starts nothing when it is stopped immediately', async () => {
    using folder = temporaryFolder();
    const options = { signal: AbortSignal.abort(), log: () => undefined, environment: process.env };
    await expect(startPool(fakeSpec(folder.path), options)).rejects.toMatchObject({ code: 'NAS_STOPPED' });
  });
});
