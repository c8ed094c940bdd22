import { describe, expect, it, vi } from 'vitest';
import { NasError } from '../../src/core/index.js';
import { createDispatcher } from '../../src/pool/dispatcher.js';
import type { HostListener } from '../../src/pool/host-process.js';
import { evaluation } from '../../src/pool/worker/work.js';
import { goOn, job, never, openPool } from './helpers.js';

describe('a fault of the surroundings in a worker', () => {
  it('reaches the controller with its code, and is no end of the trial', { timeout: 60_000 }, async () => {
    await using opened = await openPool({ faults: [{ kind: 'nospace', trials: [2], attempts: 99 }] });
    const { pool } = opened;
    const full = { code: 'NAS_DISK_FULL', fault: 'transient', message: /no space left/ };
    const matcher = { ...full, message: expect.stringMatching(full.message) as string };
    await expect(pool.evaluate(job(2), never, goOn)).rejects.toMatchObject(matcher);
    expect(pool.failure).toBeNull();
    expect(await pool.evaluate(job(3), never, goOn)).toMatchObject({ state: 'done' });
  });
});

describe('a host that cannot be started again at the moment', () => {
  it('refuses the work that waits for it, and the next work starts another one', async () => {
    const hosts: HostListener[] = [];
    const kill = vi.fn();
    const dispatcher = createDispatcher({
      ...{ workers: 1, graceSeconds: 1, idleSeconds: 60, startSeconds: 60 },
      log: () => undefined,
      start(listener) {
        hosts.push(listener);
        return { pid: 1, send: () => undefined, kill, close: () => Promise.resolve() };
      },
    });
    const ready = { kind: 'ready', fingerprint: {} } as Parameters<HostListener['message']>[0];
    hosts[0]?.message(ready);
    await dispatcher.ready;
    const evaluate = (id: number): Promise<unknown> =>
      new Promise((resolve, reject) => dispatcher.add(evaluation(id, job(id), goOn, resolve, reject)));
    const serializedError = { code: 'NAS_AGENT_UNREACHABLE', found: 'no agent', fault: 'transient' } as const;
    for (let again = 1; again <= 8; again++) {
      const waiting = evaluate(again);
      // The host dies under the work, or the work starts one; the new one meets the fault.
      if (again === 1) hosts[0]?.died('killed');
      await vi.waitFor(() => expect(hosts).toHaveLength(again + 1));
      hosts.at(-1)?.message({ kind: 'error', serializedError });
      await expect(waiting).rejects.toMatchObject(serializedError);
      expect(dispatcher.failure).toBeNull();
    }
    const last = evaluate(9);
    await vi.waitFor(() => expect(hosts).toHaveLength(10));
    hosts.at(-1)?.message(ready);
    const outcome = { state: 'stopped', reason: 'x', latency: null, curve: [], seconds: 1 } as const;
    hosts.at(-1)?.message({ kind: 'outcome', id: 9, outcome, hung: false, tainted: false });
    expect(await last).toEqual(outcome);
    void dispatcher.close('over');
  });

  it('that is no matter of time ends all work', async () => {
    const hosts: HostListener[] = [];
    const dispatcher = createDispatcher({
      ...{ workers: 1, graceSeconds: 1, idleSeconds: 60, startSeconds: 60 },
      log: () => undefined,
      start(listener) {
        hosts.push(listener);
        return { pid: 1, send: () => undefined, kill: () => undefined, close: () => Promise.resolve() };
      },
    });
    hosts[0]?.message({ kind: 'error', serializedError: { code: 'NAS_X', found: 'x', fault: 'transient' } });
    await expect(dispatcher.ready).rejects.toBeInstanceOf(NasError);
    expect(dispatcher.failure).toMatchObject({ code: 'NAS_X' });
    void dispatcher.close('over');
  });
});
