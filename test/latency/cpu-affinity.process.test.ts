import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/index.js';
import { fingerprintSchema, tensorflowDevice } from '../../src/latency/index.js';
import { pinToOneCore, rememberCores } from '../../src/latency/protocol/cpu-affinity.js';

const status = (list: string): string => `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${list}\n`;

describe('timing on one core', () => {
  it.each([
    ['0-1', '1'],
    ['0-7', '7'],
    ['0,2,5', '5'],
    ['0-3,8-11', '11'],
  ])('of %s takes core %s and gives the others back', async (allowed, core) => {
    const calls: string[] = [];
    const hold = pinToOneCore(status(allowed), (list) => void calls.push(list));
    calls.length = 0;
    const during = await hold?.(() => Promise.resolve([...calls]));
    expect(during).toEqual([core]);
    expect(calls).toEqual([core, allowed]);
  });

  it('gives them back after a failure, too', async () => {
    const calls: string[] = [];
    const hold = pinToOneCore(status('0-1'), (list) => void calls.push(list));
    await expect(hold?.(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(calls.at(-1)).toBe('0-1');
  });

  it('is not there for one core, another system, or where cores cannot be named', () => {
    expect(pinToOneCore(status('3'), () => undefined)).toBeUndefined();
    expect(pinToOneCore('', () => undefined)).toBeUndefined();
    const refused = pinToOneCore(status('0-1'), () => {
      throw new Error('not permitted');
    });
    expect(refused).toBeUndefined();
  });

  it('can be given back by another who remembers the cores', () => {
    const calls: string[] = [];
    const giveBack = rememberCores(status('0-3'), (list) => void calls.push(list));
    expect(calls).toEqual([]);
    giveBack();
    expect(calls).toEqual(['0-3']);
    const refused = rememberCores(status('0-3'), () => {
      throw new Error('not permitted');
    });
    expect(refused).not.toThrow();
    expect(rememberCores('')).not.toThrow();
  });

  it('stands in the fingerprint, as a host sends it', (context) => {
    if (pinToOneCore() === undefined) context.skip('one core only, or no taskset');
    const info = { backend: 'tensorflow', device: 'cpu', name: 'CPU', threads: 1, versions: {} };
    const { fingerprint } = tensorflowDevice({ info } as unknown as Backend, { batch: 1, epsilon: 1e-3 });
    expect(fingerprintSchema.parse(fingerprint)).toMatchObject({ threads: 1, oneCore: true });
  });

  it('moves every thread of this process', async (context) => {
    const hold = pinToOneCore();
    if (hold === undefined) return context.skip('this machine has one core, or does not let cores be named');
    const before = coresOfThreads();
    const during = await hold(() => Promise.resolve(coresOfThreads()));
    expect(during).toHaveLength(1);
    expect(during[0]).toMatch(/^\d+$/);
    expect(coresOfThreads()).toEqual(before);
  });
});

/** The distinct lists of all threads; those that end meanwhile are left out. */
function coresOfThreads(): string[] {
  const lists = readdirSync('/proc/self/task').flatMap((id) => {
    try {
      const text = readFileSync(`/proc/self/task/${id}/status`, 'utf8');
      return /^Cpus_allowed_list:\s*(.*)$/m.exec(text)?.[1] ?? [];
    } catch {
      return [];
    }
  });
  return [...new Set(lists)];
}
