import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pixelBudget } from '../../src/data/pictures/decoders.js';

describe('the budget of decoded pixels', () => {
  it('is never exceeded, except by one picture alone, and lets everybody through in turn', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(150), { minLength: 1, maxLength: 30 }), async (pictures) => {
        const budget = pixelBudget(100);
        const held: number[] = [];
        const begun: number[] = [];
        await Promise.all(
          pictures.map((pixels, index) =>
            budget(pixels, async () => {
              begun.push(index);
              held.push(pixels);
              const sum = held.reduce((a, b) => a + b, 0);
              expect(sum <= 100 || held.filter((one) => one > 0).length === 1).toBe(true);
              await setImmediate();
              held.splice(held.indexOf(pixels), 1);
            }),
          ),
        );
        expect(begun).toEqual(pictures.map((_, index) => index));
      }),
    );
  });

  it('is given back by work that fails', async () => {
    const budget = pixelBudget(10);
    await expect(budget(10, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(budget(10, () => Promise.resolve('next'))).resolves.toBe('next');
  });
});
