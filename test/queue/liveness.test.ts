import { describe, expect, it } from 'vitest';
import { createLiveness } from '../../src/queue/registry/liveness.js';

describe('who lives', () => {
  it('is who beats while one watches, whatever the clocks say', () => {
    let now = 0;
    const liveness = createLiveness(() => now);
    const see = (beats: Readonly<Record<string, number>>): void =>
      liveness.see(new Map(Object.entries(beats)));
    see({ living: 7, dead: 7 });
    expect(liveness.isLive('living')).toBe(false);
    now += 2000;
    see({ living: 8, dead: 7 });
    expect(liveness.isLive('living')).toBe(true);
    expect(liveness.isLive('dead')).toBe(false);
    expect(liveness.silentMs('dead')).toBe(2000);
    now += 30_000;
    see({ living: 8, dead: 7 });
    expect(liveness.isLive('living')).toBe(false);
    // It was frozen, or started again from a lower number.
    see({ living: 1, dead: 7 });
    expect(liveness.isLive('living')).toBe(true);
    see({ dead: 7 });
    expect(liveness.isLive('living')).toBe(false);
    expect(liveness.silentMs('living')).toBe(Infinity);
  });
});
