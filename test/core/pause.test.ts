import { describe, expect, it } from 'vitest';
import { createPause, withoutPauses, withPauses } from '../../src/core/index.js';

function* parts(seen: string[], count: number): Generator<void, string> {
  for (let i = 0; i < count; i++) {
    seen.push(`part ${i}`);
    yield;
  }
  return 'the result';
}

describe('work in parts', () => {
  it('is done in its order, with a pause after each part', async () => {
    const seen: string[] = [];
    const pause = () => Promise.resolve(void seen.push('pause'));
    expect(await withPauses(parts(seen, 2), pause)).toBe('the result');
    expect(seen).toEqual(['part 0', 'pause', 'part 1', 'pause']);
  });

  it('is the same without a pause', () => {
    const seen: string[] = [];
    expect(withoutPauses(parts(seen, 2))).toBe('the result');
    expect(seen).toEqual(['part 0', 'part 1']);
  });

  it('ends with what a pause throws', async () => {
    const seen: string[] = [];
    const stop = () => Promise.reject(new Error('stopped'));
    await expect(withPauses(parts(seen, 2), stop)).rejects.toThrow('stopped');
    expect(seen).toEqual(['part 0']);
  });

  it('lets others have their turn once it has held the loop for a while', async () => {
    const pause = createPause();
    let turns = 0;
    const count = (): void => void (turns++, (timer = setImmediate(count)));
    let timer = setImmediate(count);
    const end = performance.now() + 60;
    while (performance.now() < end) await pause();
    clearImmediate(timer);
    expect(turns).toBeGreaterThan(0);
  });
});
