import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { slotsOf } from '../../src/backends/index.js';
import { NasError } from '../../src/core/index.js';
import type { DataSet } from '../../src/data/index.js';
import { buildNetwork } from '../../src/network/index.js';
import { diskSpaceWhileTraining } from '../../src/pool/disk-space.js';
import { keptTraining } from '../../src/pool/worker/training-state.js';
import { parseArchitecture } from '../../src/space/index.js';
import { quickRecipe, type SavedTraining } from '../../src/train/index.js';
import { job, temporaryFolder, TEXT } from './helpers.js';

const network = buildNetwork(parseArchitecture(TEXT));
const data = {
  shape: [28, 28, 1],
  classes: ['0', '1'],
  training: { count: 8 },
  split: { validation: [1] },
  mean: [0],
  deviation: [1],
} as unknown as DataSet;

function savedAt(step: number): SavedTraining {
  const slots = new Map(
    [...slotsOf(network, quickRecipe)].map(([slot, parameters]) => [
      slot,
      new Map(parameters.map(({ name, size }) => [name, new Float32Array(size).fill(step)])),
    ]),
  );
  const rest = { steps: 10, maxSeconds: null, paced: false, seconds: 1, loss: 1, correct: 1, curve: [] };
  return { step, ...rest, program: { steps: step, slots } };
}

function keptIn(folder: string, free: () => number) {
  const notes: string[] = [];
  const kept = keptTraining({
    ...{ folder, network, data, recipe: quickRecipe, job: job(1, { checkpoint: 'trial-1.weights' }) },
    requireSpace: diskSpaceWhileTraining(folder, quickRecipe, 2, free),
    note: (line) => notes.push(line),
  });
  return { kept, notes };
}

describe('the state of a training, where the disk', () => {
  it('has no room for what comes next, is kept, and the training waits', async () => {
    using folder = temporaryFolder();
    let free = Infinity;
    const { kept, notes } = keptIn(folder.path, () => free);
    await kept.write(savedAt(3));
    free = 1000;
    await expect(kept.write(savedAt(5))).rejects.toMatchObject({
      code: 'NAS_DISK_FULL',
      fault: 'transient',
      found: `1000 B are free for ${folder.path}`,
    });
    expect(await kept.read()).toEqual(savedAt(5));
    expect(notes).toEqual([]);
  });

  it('needs room for weights and one state of every training', () => {
    const count = (slot: string) =>
      [...slotsOf(network, quickRecipe)]
        .find(([name]) => name === slot)?.[1]
        .reduce((sum, { size }) => sum + size, 0);
    const state = [...slotsOf(network, quickRecipe).keys()].reduce(
      (sum, slot) => sum + (count(slot) ?? 0),
      0,
    );
    const needed = 2 * 4 * ((count('weights') ?? 0) + state);
    const check = (free: number) => diskSpaceWhileTraining('x', quickRecipe, 2, () => free);
    expect(() => {
      check(needed)(network);
    }).not.toThrow();
    expect(() => {
      check(needed - 1)(network);
    }).toThrow(NasError);
  });

  it('refuses it for another reason, is noted once, and the training continues', async () => {
    using folder = temporaryFolder();
    const { kept, notes } = keptIn(folder.path, () => Infinity);
    rmSync(folder.path, { recursive: true });
    await kept.write(savedAt(1));
    await kept.write(savedAt(2));
    expect(notes).toEqual([
      expect.stringMatching(/^trial-1.training cannot be written, the training continues/),
    ]);
  });
});
