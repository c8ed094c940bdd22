import { describe, expect, it } from 'vitest';
import { compareLatencies } from '../../src/latency/index.js';
import { latency } from '../../src/testing/index.js';

const around = (ms: number, half: number) => latency(ms, { lowMs: ms - half, highMs: ms + half });

describe('compareLatencies', () => {
  it('distinguishes two only where their intervals do not touch', () => {
    expect(compareLatencies(around(1, 0.1), around(1.3, 0.1))).toBe('faster');
    expect(compareLatencies(around(1.3, 0.1), around(1, 0.1))).toBe('slower');
    expect(compareLatencies(around(1, 0.1), around(1.15, 0.1))).toBe('indistinguishable');
    expect(compareLatencies(around(1, 0.5), around(2, 0.5))).toBe('indistinguishable');
    const same = around(1, 0);
    expect(compareLatencies(same, same)).toBe('indistinguishable');
  });

  it('refuses latencies of different devices', () => {
    const other = { ...around(1, 0.1), fingerprint: 'other', platform: 'onnxruntime' };
    expect(() => compareLatencies(around(1, 0.1), other)).toThrow(
      expect.objectContaining({
        code: 'NAS_OTHER_DEVICE',
        found: expect.stringMatching(/tensorflow.*onnxruntime/) as string,
      }) as Error,
    );
  });
});
