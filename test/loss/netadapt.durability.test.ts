import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import { fingerprintDigest } from '../../src/latency/index.js';
import { fakeFingerprint } from '../../src/pool/engine/fake-engine.js';
import { fakeStudy, smallSpace } from '../app/samples.js';
import { emptyFolder } from '../cli/nas.js';
import { writeStudy } from '../cli/studies.js';
import { attacked, repetitions } from '../durability.js';
import { controllerOf, hostOf, killAfter, rowsIn, run, tableOf } from './killing.js';
import { finish } from './studies.js';

const KILLS = repetitions(12);
/** Candidates of a step are being tried, or have been. */
const IN_A_STEP = /^netadapt step \d+.*$/;
const REFINE: readonly string[] = [
  ...['netadapt', 'refine', '1', '--study', 'demo', '--target-latency', '0.55ms'],
  ...['--proposals', '4', '--finetune-steps', '30'],
];

const SPEC = fakeStudy({ space: smallSpace, targetMs: 0.6, delta: 0.12 });
const DEVICE = fingerprintDigest(fakeFingerprint(SPEC.latency.batch));

/** A study whose first trial has weights; it was timed at 1 ms. */
function trained(cwd: string): void {
  writeStudy(join(cwd, 'runs'), SPEC, 1, true, DEVICE);
}

const checkpointsOf = (cwd: string): readonly string[] =>
  readdirSync(join(cwd, 'runs/demo/checkpoints')).sort();

it(
  'kill -9 of a NetAdapt run inside a step: lineage and proposals are row for row those of an undisturbed one',
  { timeout: 900_000 },
  async () => {
    const rng = createRng('loss').fork('netadapt');
    using undisturbed = emptyFolder();
    trained(undisturbed.path);
    await finish(undisturbed.path, REFINE);
    const straight = tableOf(undisturbed.path);
    const steps = rowsIn(undisturbed.path).filter((row) => row.kind === 'netadapt').length;
    expect(steps).toBeGreaterThan(2);

    let hits = 0;
    while (hits < KILLS) {
      using folder = emptyFolder();
      const cwd = folder.path;
      trained(cwd);
      const before = hits;
      while (hits < KILLS) {
        const victim = run(cwd, REFINE);
        const both = rng.uniform() < 1 / 3;
        const step = 1 + rng.integer(2);
        if (!(await victim.until(IN_A_STEP, step))) break;
        const pids = (): readonly number[] => [...(both ? hostOf(victim) : []), ...controllerOf(victim)];
        if (await killAfter(victim, rng.uniform() * 300, pids)) hits++;
        if ((await victim.ended) !== null) break;
      }
      await finish(cwd, REFINE);
      attacked('kills', { times: hits - before, seed: 'loss/netadapt' }, () => {
        expect(tableOf(cwd)).toEqual(straight);
        // Weights of proposals that were not taken are gone, in either.
        expect(checkpointsOf(cwd)).toEqual(checkpointsOf(undisturbed.path));
        const taken = rowsIn(cwd).filter((row) => row.kind !== 'proposal');
        for (const { checkpoint } of taken)
          expect(existsSync(join(cwd, 'runs/demo/checkpoints', checkpoint ?? ''))).toBe(true);
        return straight.length - 1;
      });
    }
    expect(hits).toBe(KILLS);
  },
);
