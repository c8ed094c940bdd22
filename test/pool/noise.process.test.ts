import { describe, expect, it } from 'vitest';
import { noiseIn } from '../../src/pool/worker/noise.js';
import { latency } from '../../src/testing/index.js';
import { openPool, job, goOn, never, TEXT } from './helpers.js';
import { defaultProtocol } from '../../src/latency/index.js';

describe('noiseIn', () => {
  it('reports the widest interval of those that did not settle, further platforms included', () => {
    const wide = latency(2, { settled: false, lowMs: 1.9, highMs: 2.1 });
    const wider = { ...latency(1, { settled: false, lowMs: 0.9, highMs: 1.1 }), targetMs: 1 };
    expect(noiseIn([latency(1, { settled: true }), wide], 0.02)).toMatch(/to 2 %: an interval is 10 % wide/);
    expect(noiseIn([latency(1, { also: [wider] })], 0.02)).toMatch(/20 % wide/);
    expect(noiseIn([latency(1), latency(1, { settled: true })], 0.02)).toBeNull();
  });
});

describe('a pool on a noisy machine', () => {
  it('warns once, and its records say that they did not settle', async () => {
    const warnings: string[] = [];
    const protocol = { ...defaultProtocol, minRuns: 10, maxRuns: 60, precision: 1e-9 };
    await using opened = await openPool(
      {},
      { latency: { platform: 'tensorflow', batch: 1, protocol } },
      (text) => warnings.push(text),
    );
    const [record] = await opened.pool.measure([TEXT], never);
    const outcome = await opened.pool.evaluate(job(1), never, goOn);
    expect(record).toMatchObject({ settled: false, platform: 'fake' });
    expect(outcome).toMatchObject({ state: 'done', latency: { settled: false } });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/too noisy to time to 1e-7 %|too noisy to time to 0/);
  });
});
