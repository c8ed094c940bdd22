import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { statusWriter, readStatus } from '../../src/app/study/status.js';
import type { AppEvent } from '../../src/app/events.js';
import { processMark } from '../../src/core/index.js';
import type { SearchStatus } from '../../src/search/index.js';
import { createMemoryStore, type Progress, type TrialStore } from '../../src/trials/index.js';
import { newTrial, STUDY } from '../../src/testing/index.js';

const status: SearchStatus = {
  ...{ done: 3, infeasible: 1, failed: 0, running: 2, trials: 24 },
  ...{ secondsUsed: 10, seconds: null, secondsLeft: 40 },
};

const progress = (trial: number, phase: Progress['phase'], done: number): AppEvent => ({
  phase: 'search',
  event: { kind: 'progress', progress: { trial, phase, done, loss: null, accuracy: null }, status },
});

/** A store that counts what is noted. */
function store(): { readonly store: TrialStore; readonly notes: () => number } {
  const memory = createMemoryStore(STUDY);
  let count = 0;
  const note: TrialStore['note'] = (key, value) => {
    count++;
    memory.note(key, value);
  };
  return { store: { ...memory, note }, notes: () => count };
}

describe('what the controller notes while it works', () => {
  it('reports what each worker does, which job holds the timing lock and what is left', () => {
    const { store: to } = store();
    let ms = 0;
    using live = statusWriter(
      to,
      'search',
      () => undefined,
      () => ms,
    );
    live.listen(progress(5, 'timing', 0));
    live.listen(progress(6, 'training', 0));
    ms = 3000;
    live.listen(progress(6, 'training', 0.25));
    expect(readStatus(to)).toEqual({
      at: expect.any(Number) as number,
      pid: process.pid,
      alive: true,
      phase: 'search',
      workers: [
        { trial: 5, doing: 'timing', done: null, secondsLeft: null },
        { trial: 6, doing: 'training', done: 0.25, secondsLeft: 9 },
      ],
      timingLock: 5,
      trialsLeft: 20,
      secondsLeft: 40,
    });
  });

  it('estimates what is left of a resumed training by what was trained since', () => {
    const { store: to } = store();
    let ms = 0;
    using live = statusWriter(
      to,
      'search',
      () => undefined,
      () => ms,
    );
    live.listen(progress(6, 'training', 0.5));
    ms = 3000;
    live.listen(progress(6, 'training', 0.75));
    expect(readStatus(to)?.workers).toEqual([{ trial: 6, doing: 'training', done: 0.75, secondsLeft: 3 }]);
  });

  it('reports that NetAdapt times networks of which no trial exists', () => {
    const { store: to } = store();
    let ms = 0;
    using live = statusWriter(
      to,
      'netadapt',
      () => undefined,
      () => (ms += 2000),
    );
    live.listen({ phase: 'refine', event: { type: 'measuring', step: 2, networks: 7 } });
    expect(readStatus(to)).toMatchObject({
      phase: 'netadapt, step 2',
      timingLock: '7 networks',
      workers: [],
    });
    live.listen({ phase: 'refine', event: { type: 'candidates', step: 2, candidates: [] } });
    expect(readStatus(to)).toMatchObject({ phase: 'netadapt, step 2', timingLock: null });
  });

  it('forgets a candidate that is finished', () => {
    const { store: to } = store();
    let ms = 0;
    using live = statusWriter(
      to,
      'search',
      () => undefined,
      () => ms,
    );
    const [trial] = to.begin([newTrial()], null);
    live.listen({ phase: 'search', event: { kind: 'begun', trial: trial!, status } });
    ms = 1000;
    live.listen(progress(1, 'evaluating', 1));
    expect(readStatus(to)?.workers).toEqual([{ trial: 1, doing: 'evaluating', done: 1, secondsLeft: null }]);
    ms = 2000;
    live.listen({ phase: 'search', event: { kind: 'finished', trial: trial!, status } });
    expect(readStatus(to)?.workers).toEqual([]);
  });

  it('is written at most once a second, however many events pass, and passes all of them on', () => {
    const { store: to, notes } = store();
    let ms = 0;
    const heard: AppEvent[] = [];
    using live = statusWriter(
      to,
      'search',
      (event) => heard.push(event),
      () => ms,
    );
    for (; ms < 10_000; ms += 10) live.listen(progress(1, 'training', ms / 10_000));
    expect(heard).toHaveLength(1000);
    expect(notes()).toBe(10);
  });

  it('is taken back at the end', () => {
    const { store: to } = store();
    statusWriter(to, 'search', () => undefined)[Symbol.dispose]();
    expect(to.noted('live')).toBeNull();
    expect(readStatus(to)).toBeNull();
  });

  it('does not stop a search when it cannot be written', () => {
    const { store: to } = store();
    const full = (): never => {
      throw new Error('disk full');
    };
    let heard = 0;
    using live = statusWriter({ ...to, note: full }, 'search', () => heard++);
    live.listen(progress(1, 'training', 0.5));
    expect(heard).toBe(1);
  });

  it('of a process that has ended is reported as such', () => {
    const { store: to } = store();
    using live = statusWriter(to, 'search', () => undefined);
    live.listen(progress(1, 'training', 0.5));
    const { pid } = spawnSync('true');
    const [space, , start] = processMark().split('-');
    to.note('live', { ...(to.noted('live') as object), pid, mark: `${space}-${pid}-${start}` });
    expect(readStatus(to)).toMatchObject({
      alive: false,
      pid,
      workers: [],
      timingLock: null,
      phase: 'search: its process has ended without saying so',
    });
  });

  it.each([null, 'x', {}, { at: 1, mark: 'x', pid: 1, phase: '<b>', workers: 7 }])(
    'that is none is no view: %j',
    (note) => {
      const { store: to } = store();
      to.note('live', note);
      expect(readStatus(to)).toBeNull();
    },
  );
});
