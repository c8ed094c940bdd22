import { describe, expect, it } from 'vitest';
import { inSlots } from '../../src/core/index.js';

describe('work in slots', () => {
  it('runs each item once, in order, no more at a time than there are slots', async () => {
    const [begun, running]: [number[], Set<number>] = [[], new Set()];
    let most = 0;
    await inSlots(2, [1, 2, 3, 4, 5], async (item) => {
      begun.push(item);
      running.add(item);
      most = Math.max(most, running.size);
      await new Promise((resolve) => setImmediate(resolve));
      running.delete(item);
    });
    expect(begun).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  it('rejects with what the work throws', async () => {
    await expect(inSlots(2, [1, 2, 3], (item) => Promise.reject(new Error(`item ${item}`)))).rejects.toThrow(
      'item 1',
    );
  });
});
