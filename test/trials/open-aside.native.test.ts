import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { done, newTrial, STUDY } from '../../src/testing/index.js';
import { createStudy, openStudy, openStudyAside } from '../../src/trials/index.js';
import { temporaryFolder } from '../app/samples.js';

function studyIn(root: string): string {
  const folder = join(root, 'demo');
  using store = createStudy(folder, STUDY);
  for (let id = 1; id <= 50; id++) {
    store.begin([newTrial()], null);
    store.finish(id, done(0.5, 1), 1, null);
  }
  return folder;
}

const thrown = async (open: () => unknown): Promise<unknown> => {
  try {
    await open();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

describe('a study that is checked in a thread while it is opened', () => {
  it('is the same, has one writer, and leaves the event loop to others meanwhile', async () => {
    using root = temporaryFolder();
    const folder = studyIn(root.path);
    let turns = 0;
    let next: NodeJS.Immediate;
    const turn = (): void => {
      turns++;
      next = setImmediate(turn);
    };
    next = setImmediate(turn);
    using store = await openStudyAside(folder);
    clearImmediate(next);
    expect(turns).toBeGreaterThan(0);
    expect(store.count()).toBe(50);
    expect(() => openStudy(folder)).toThrow(expect.objectContaining({ code: 'NAS_STUDY_LOCKED' }) as Error);
    // Held by SQLite since: what another descriptor of this process closed would have dropped it.
    expect(store.begin([newTrial()], null)[0]?.id).toBe(51);
  });

  it('has no second writer before it is open', async () => {
    using root = temporaryFolder();
    const folder = studyIn(root.path);
    const opening = openStudyAside(folder);
    await expect(openStudyAside(folder)).rejects.toMatchObject({ code: 'NAS_STUDY_LOCKED' });
    using store = await opening;
    expect(store.count()).toBe(50);
  });

  it('is refused in the same words where it is damaged, and may be opened again', async () => {
    using root = temporaryFolder();
    const folder = studyIn(root.path);
    const file = join(folder, 'trials.sqlite');
    const whole = readFileSync(file);
    const broken = Buffer.from(whole);
    broken.fill(0xa5, 4096 * 3, 4096 * 4);
    writeFileSync(file, broken);
    const aside = await thrown(() => openStudyAside(folder));
    expect(aside).toMatchObject({ name: 'NasError', code: 'NAS_STUDY_DAMAGED' });
    expect(aside).toMatchObject({ message: ((await thrown(() => openStudy(folder))) as Error).message });
    expect(readFileSync(file).equals(broken)).toBe(true);
    writeFileSync(file, whole);
    (await openStudyAside(folder))[Symbol.dispose]();
    expect(readdirSync(folder).sort()).toEqual(['trials.lock', 'trials.sqlite']);
  });
});
