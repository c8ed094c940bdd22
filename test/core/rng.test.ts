import { describe, expect, it } from 'vitest';
import { createRng, mean, standardDeviation } from '../../src/core/index.js';

const draws = (path: string) =>
  Array.from(
    { length: 5 },
    (
      (rng) => () =>
        rng.uniform()
    )(createRng(path)),
  );

describe('a random stream', () => {
  it('is the same for the same seed and names, however much others drew', () => {
    const study = createRng(7);
    study.uniform();
    const fork = study.fork('trial').fork(17);
    expect(fork.path).toBe('7/trial/17');
    expect(Array.from({ length: 5 }, () => fork.uniform())).toEqual(draws('7/trial/17'));
    expect(draws('7/trial/18')).not.toEqual(draws('7/trial/17'));
  });

  it('is not changed by a fork', () => {
    const [a, b] = [createRng('x'), createRng('x')];
    a.fork('y').uniform();
    expect(a.uniform()).toBe(b.uniform());
  });

  it('stays the stream that earlier versions drew', () => {
    expect(createRng(7).uniform()).toBe(0.27925298591418535);
    expect(createRng(7).fork('trial').integer(1000)).toBe(470);
  });

  it('is uniform in [0, 1), and over all integers below a bound', () => {
    const rng = createRng('uniform');
    const values = Array.from({ length: 20_000 }, () => rng.uniform());
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(mean(values)).toBeCloseTo(0.5, 2);
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 20_000; i++) counts[rng.integer(5)]!++;
    for (const count of counts) expect(Math.abs(count - 4000)).toBeLessThan(250);
  });

  it('is normal with mean 0 and deviation 1', () => {
    const rng = createRng('normal');
    const values = Array.from({ length: 20_000 }, () => rng.normal());
    expect(Math.abs(mean(values))).toBeLessThan(0.03);
    expect(standardDeviation(values)).toBeCloseTo(1, 1);
    const within = values.filter((value) => Math.abs(value) < 1.959964).length;
    expect(within / values.length).toBeCloseTo(0.95, 1);
  });

  it('shuffles into every order, equally often, and leaves the list alone', () => {
    const rng = createRng('shuffle');
    const list = ['a', 'b', 'c'] as const;
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = rng.shuffle(list).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(list).toEqual(['a', 'b', 'c']);
    expect([...counts.keys()].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('picks items of the list, and none from an empty one', () => {
    const rng = createRng('pick');
    expect(new Set(Array.from({ length: 50 }, () => rng.pick([1, 2, 3])))).toEqual(new Set([1, 2, 3]));
    expect(() => rng.pick([])).toThrow(RangeError);
  });

  it('of each seed are different, also where one repeats another', () => {
    const first = (seed: number | string): number => createRng(seed).uniform();
    const seeds = Array.from({ length: 1000 }, (_, seed) => seed);
    expect(new Set(seeds.map(first)).size).toBe(1000);
    expect(new Set(['a', 'aa', 'aaa', 'ab', 'abab', 'ababab'].map(first)).size).toBe(6);
  });
});
