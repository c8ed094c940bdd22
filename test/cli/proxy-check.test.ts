import { describe, expect, it } from 'vitest';
import type { Output } from '../../src/cli/output.js';
import { nasProgram } from '../../src/cli/program.js';
import { run } from '../../src/cli/run.js';
import { proxyCheckTable, type ProxyCheckView } from '../../src/report/index.js';
import { expectGolden } from '../golden.js';
import { silent } from './silent.js';

async function refused(...args: readonly string[]): Promise<string> {
  const notes: string[] = [];
  const output: Output = {
    ...silent,
    note: (text) => void notes.push(text),
    end: (code) => Promise.resolve(code),
  };
  expect(await run(nasProgram(output), ['proxy-check', ...args], output)).not.toBe(0);
  return notes.join('\n');
}

describe('nas proxy-check', () => {
  it('refuses names by which no search would find it, and a long training that is none', async () => {
    expect(await refused('--study', 'mine')).toMatch(/a name that begins with proxy-check/);
    expect(await refused('--steps', '300', '--long-steps', '300')).toMatch(/more steps than the short one/);
  });

  it('shows both orders and how far they agree', () => {
    const network = (place: number, short: number): ProxyCheckView['networks'][number] => ({
      ...{
        text: `nas1:28x28x1 cn_k3_s2_c${8 * place}_hs gap fc_c10_id`,
        madds: place,
        latencyMs: place / 10,
      },
      short: { accuracy: 1 - short, loss: short },
      long: { accuracy: 0.9 - place / 100, loss: 0.3 + place / 100 },
    });
    const check: ProxyCheckView = {
      networks: [network(1, 0.4), network(2, 0.3), network(3, 0.5), network(4, 0.6)],
      ...{ repeats: 2, shortSteps: 100, longSteps: 1500, tau: 0.667, low: -0.2, high: 1, regret: 0.01 },
      ...{ noise: { short: 0.02, long: 0.005 }, spread: { short: 0.13, long: 0.013 }, verdict: 'well' },
    };
    expectGolden('cli/golden/proxy-check.txt', proxyCheckTable(check, { width: 100, colour: false }));
    const once = { ...check, repeats: 1, noise: { short: Number.NaN, long: Number.NaN }, shortSteps: null };
    expect(proxyCheckTable(once, { width: 100, colour: false })).toMatch(
      /the short schedule against 1500, each once[^]*over seeds by +unknown: one seed/,
    );
  });
});
