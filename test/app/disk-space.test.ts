import { expect, it } from 'vitest';
import { bytesToTrain, diskSpaceCheck } from '../../src/pool/disk-space.js';
import { retryingPool } from '../../src/app/study/retrying-pool.js';
import { createRetry } from '../../src/core/index.js';
import type { Pool } from '../../src/pool/index.js';
import type { Job } from '../../src/trials/index.js';

const text = 'nas1:28x28x1 cn_k3_s1_c8_re gap fc_c10_id';
/** 3·3·8 weights of the convolution, normalisation's 2·8 trained numbers and 2·8 statistics, 8·10 + 10 of the last layer. */
const [trained, all] = [72 + 16 + 90, 72 + 16 + 16 + 90];
const momentum = { optimiser: { kind: 'momentum', momentum: 0.9 }, emaDecay: null } as const;
const job = { trial: 1, text, checkpoint: 'trial-1.weights' } as Job;

it('a training needs the size of its weights, and of its state twice', () => {
  expect(bytesToTrain(text, momentum)).toBe(4 * (all + 2 * (all + trained)));
  const paper = {
    optimiser: { kind: 'rmsprop', momentum: 0.9, decay: 0.9, epsilon: 1e-3 },
    emaDecay: 0.99,
  } as const;
  expect(bytesToTrain(text, paper)).toBe(4 * (all + 2 * (2 * all + 2 * trained)));
});

it('too little space is reported before the training begins, with how much is needed for all together', () => {
  const needed = 2 * bytesToTrain(text, momentum);
  const check = (free: number) => diskSpaceCheck('runs/demo', momentum, 2, () => free);
  expect(() => {
    check(needed)(job);
  }).not.toThrow();
  expect(() => {
    check(needed - 1)(job);
  }).toThrow(/are free for runs\/demo; expected .* training states of 2 networks.*nas prune/);
  expect(() => {
    check(0)({ ...job, checkpoint: null });
  }).not.toThrow();
});

it('a folder that cannot be reached for a moment is the disk’s fault, not the candidate’s', () => {
  const check = diskSpaceCheck('no such folder', momentum, 1);
  expect(() => {
    check(job);
  }).toThrow(expect.objectContaining({ code: 'NAS_DISK_ERROR', fault: 'transient' }));
});

it('is waited for: the job is evaluated once there is room, and not before', async () => {
  let free = 0;
  let evaluated = 0;
  const waits: string[] = [];
  const retry = createRetry({
    limitSeconds: 3600,
    onEvent: (event) => waits.push(event.kind === 'waiting' ? event.fault.code : event.kind),
    sleep: () => {
      expect(evaluated).toBe(0);
      free = 1e9;
      return Promise.resolve();
    },
  });
  const pool = {
    evaluate: () => Promise.resolve({ state: 'stopped', evaluated: ++evaluated }),
  } as unknown as Pool;
  const check = diskSpaceCheck('runs/demo', momentum, 1, () => free);
  await retryingPool(pool, retry, check).evaluate(job, new AbortController().signal, () => 'continue');
  expect([evaluated, waits]).toEqual([1, ['NAS_DISK_FULL', 'recovered']]);
});
