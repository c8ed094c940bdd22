import { describe, expect, it } from 'vitest';
import { bestEnd, targetEnd } from '../../src/cli/target-end.js';
import { EXIT } from '../../src/cli/output.js';
import { ms, ratio } from '../../src/core/index.js';
import { targetText } from '../../src/report/index.js';
import { againstTarget, createMemoryStore, type LatencyRecord } from '../../src/trials/index.js';
import { fullRecord } from './full-record.js';

const { also: _also, ...alone } = fullRecord;
const at = (low: number, median: number, high: number): LatencyRecord => ({
  ...alone,
  ...{ medianMs: ms(median), lowMs: low, highMs: high },
});
const [further] = fullRecord.also;

describe('a latency against its target', () => {
  it.each([
    [at(0.9, 0.95, 1), 'meets', 'meets the target of 1 ms', EXIT.ok],
    [
      at(0.97, 0.99, 1.02),
      'within noise',
      'is within noise of the target of 1 ms (95 % within 0.970–1.02 ms)',
      EXIT.ok,
    ],
    [
      at(0.99, 1.01, 1.03),
      'within noise',
      'is within noise of the target of 1 ms (95 % within 0.990–1.03 ms)',
      EXIT.ok,
    ],
    [at(1.65, 1.69, 1.7), 'misses', 'misses the target of 1 ms by 69 %', EXIT.overTarget],
  ] as const)('follows from its interval (%#)', (record, verdict, text, code) => {
    expect(againstTarget(record, 1).verdict).toBe(verdict);
    expect(targetText(record, 1)).toBe(text);
    const end = targetEnd('trial 7', record, 1);
    expect(end.code).toBe(code);
    expect(end.text).toMatch(code === EXIT.ok ? /^trial 7, / : /^over the target: trial 7, 1\.69 ms, misses/);
  });

  it('of several platforms is that of the worst', () => {
    if (further === undefined) throw new TypeError('no further platform');
    const two = (record: LatencyRecord, highMs: number): LatencyRecord => ({
      ...record,
      also: [{ ...further, medianMs: ms(highMs - 0.1), lowMs: highMs - 0.2, highMs, targetMs: 2 }],
    });
    expect(targetText(two(at(0.9, 0.95, 1), 1.9), 1)).toMatch(/^meets the target/);
    expect(targetText(two(at(0.9, 0.95, 1), 2.1), 1)).toMatch(/^is within noise of .* 2 ms on onnxruntime/);
    expect(targetText(two(at(0.9, 0.95, 1), 4.1), 1)).toBe(
      'misses the target of 2 ms on onnxruntime by 100 %',
    );
    expect(targetText(two(at(1.9, 2, 2.1), 2.1), 1)).toBe('misses the target of 1 ms on tensorflow by 100 %');
  });

  it('of a study is that of its best, else of its fastest trial', () => {
    using store = createMemoryStore({
      ...{ name: 'demo', spec: {}, spaceDigest: 'd', seed: '1', createdAt: 0, environment: {} },
    });
    expect(bestEnd(store, 1)).toEqual({ text: 'no trial was trained to the end', code: EXIT.failed });
    const add = (accuracy: number, latency: LatencyRecord): void => {
      const [trial] = store.begin(
        [
          {
            ...{ kind: 'sample', parent: null, genome: null, text: 't', params: 1, madds: 1, seed: 's' },
            note: null,
          },
        ],
        null,
      );
      const rest = { curve: [], seconds: 1, checkpoint: null };
      store.finish(
        trial?.id ?? 0,
        { state: 'done', accuracy: ratio(accuracy), latency, ...rest },
        null,
        null,
      );
    };
    add(0.9, at(1.9, 2, 2.1));
    expect(bestEnd(store, 1)).toMatchObject({ code: EXIT.overTarget });
    expect(bestEnd(store, 1).text).toMatch(/^over the target: the fastest, trial 1, 2 ms, misses/);
    add(0.5, at(0.8, 0.9, 0.95));
    expect(bestEnd(store, 1)).toEqual({
      text: 'the best, trial 2, 0.900 ms, meets the target of 1 ms',
      code: EXIT.ok,
    });
  });
});
