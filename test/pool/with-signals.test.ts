import { getEventListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { withSignals } from '../../src/pool/index.js';

describe('work under several signals', () => {
  it('ends with the first of them that is aborted, and gives its reason', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const work = withSignals(
      [first.signal, second.signal],
      (either) =>
        new Promise((resolve) => {
          either.addEventListener('abort', () => resolve(either.reason));
        }),
    );
    second.abort('enough');
    first.abort('too late');
    await expect(work).resolves.toBe('enough');
  });

  it('begins aborted where one of them is', async () => {
    const aborted = await withSignals([new AbortController().signal, AbortSignal.abort('before')], (either) =>
      Promise.resolve([either.aborted, either.reason]),
    );
    expect(aborted).toEqual([true, 'before']);
  });

  it('is no leak, however much of it there is at a time', async () => {
    const { signal } = new AbortController();
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listen);
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const all = Array.from({ length: 64 }, () => withSignals([signal], () => ended));
    // Warnings are emitted in the next turn.
    await setImmediate();
    end();
    await Promise.all(all);
    process.off('warning', listen);
    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
