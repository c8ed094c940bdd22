import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Output } from '../../src/cli/output.js';
import { nasProgram } from '../../src/cli/program.js';
import { run } from '../../src/cli/run.js';
import { expectGolden } from '../golden.js';
import { cell, madeUpCsv } from '../search/benchmark/tables.js';
import { silent } from './silent.js';

const folder = mkdtempSync(join(tmpdir(), 'nas-bench-'));
const csv = join(folder, 'all.csv');
beforeAll(() => {
  writeFileSync(csv, madeUpCsv(3));
});
afterAll(() => rmSync(folder, { recursive: true }));

const COLUMNS = ['--accuracy-column', 'short', '--final-column', 'final', '--latency-column', 'ms'];

/** Runs `nas bench strategies` in this process. */
async function bench(args: readonly string[], file = csv) {
  const [printed, json, notes]: [string[], unknown[], string[]] = [[], [], []];
  const output: Output = {
    ...silent,
    print: (text) => void printed.push(text),
    json: (value) => void json.push(value),
    note: (text) => void notes.push(text),
    end: (code) => Promise.resolve(code),
  };
  const program = nasProgram(output);
  const command = ['bench', 'strategies', '--evaluator', `table:${file}`, ...args];
  const code = await run(program, command, output);
  return { code, printed: printed.join('\n'), json: json[0], notes: notes.join('\n') };
}

const SMALL = [...COLUMNS, '--trials', '12', '--seeds', '3', '--strategy', 'random, evolution,surrogate'];

describe('nas bench strategies', () => {
  it('prints the regret of each strategy with its interval, and that of a perfect optimiser', async () => {
    const { code, json } = await bench([...SMALL, '--target-latency', '8ms', '--json']);
    expect(code).toBe(0);
    const regret = expect.any(Number) as number;
    expect(json).toEqual({
      ...{ file: csv, space: 'nasbench201', networks: 5209, within: expect.any(Number) as number },
      ...{ targetMs: 8, trials: 12, seeds: 3, finalists: 1, best: expect.any(Number) as number },
      oracle: expect.any(Number) as number,
      strategies: ['random', 'evolution', 'surrogate'].map((strategy) => ({
        ...{ strategy, regret, low: regret, high: regret },
      })),
    });
    const { strategies } = json as { strategies: { regret: number; low: number; high: number }[] };
    for (const one of strategies) {
      expect(one.regret).toBeGreaterThanOrEqual(0);
      expect(one.low).toBeLessThanOrEqual(one.regret);
      expect(one.high).toBeGreaterThanOrEqual(one.regret);
    }
  });

  it('prints a table for people, the same for the same seeds and for a file compressed by gzip', async () => {
    const packed = join(folder, 'all.csv.gz');
    writeFileSync(packed, gzipSync(madeUpCsv(3)));
    const args = [...SMALL, '--target-percentile', '30'];
    const plain = await bench(args);
    expectGolden('cli/golden/bench-strategies.txt', plain.printed);
    expect(await bench(args, packed)).toEqual(plain);
  });

  it('searches by the default strategy under its own name', async () => {
    const of = async (strategy: string) => {
      const { json } = await bench([
        ...COLUMNS,
        '--trials',
        '15',
        '--seeds',
        '2',
        '--strategy',
        strategy,
        '--json',
      ]);
      return (json as { strategies: { regret: number }[] }).strategies;
    };
    const [auto] = await of('auto');
    expect(auto).toMatchObject({ strategy: 'auto', regret: (await of('surrogate'))[0]?.regret });
  });

  it('returns the best of several finalists', async () => {
    const misleading = join(folder, 'misleading.csv');
    writeFileSync(
      misleading,
      madeUpCsv(3).replace(/,[\d.]+,(\d+),/g, (_, final: string) => `,${100 - Number(final)},${final},`),
    );
    const regrets = async (finalists: string) => {
      const { json } = await bench([...SMALL, '--finalists', finalists, '--json'], misleading);
      return (json as { strategies: { regret: number }[] }).strategies.map(({ regret }) => regret);
    };
    const [one, all] = [await regrets('1'), await regrets('12')];
    expect(one).toHaveLength(3);
    expect(all.every((regret, i) => regret < (one[i] ?? 0))).toBe(true);
  });

  const row = (...fields: string[]): string => [cell([3, 0, 1, 2, 4, 3]), ...fields].join(',');
  it.each<[string, string | Buffer | null, readonly string[], RegExp]>([
    ['a missing file', null, COLUMNS, /no such file.*expected a CSV.*NAS_BENCHMARK_FILE/],
    ['a broken gzip', Buffer.from([0x1f, 0x8b, 8, 0, 1]), COLUMNS, /gzip.*NAS_BENCHMARK_FILE/],
    ['no text', Buffer.from([0x61, 0xff, 0xfe, 0x0a]), COLUMNS, /line 1.*UTF-8.*NAS_BENCHMARK_FILE/],
    ['an open quote', 'arch,short,final,ms\n"a', COLUMNS, /line 2: a quote.*NAS_BENCHMARK_FILE/],
    [
      'an unknown column',
      'arch,shrt,final,ms\n',
      COLUMNS,
      /"short".*did you mean shrt.*NAS_BENCHMARK_COLUMN/,
    ],
    ['no number', `arch,short,final,ms\n${row('?', '1', '1')}`, COLUMNS, /line 2: "\?".*NAS_BENCHMARK_ROW/],
    [
      'no network within the target',
      `arch,short,final,ms\n${row('1', '1', '3')}`,
      [...COLUMNS, '--target-latency', '2ms'],
      /no network.*within 2 ms.*at least 3 ms.*NAS_BENCHMARK_TARGET/,
    ],
    [
      'two targets',
      '',
      [...COLUMNS, '--target-latency', '2ms', '--target-percentile', '30'],
      /--target-latency and --target-percentile.*one of the two.*NAS_BAD_CONFIG/,
    ],
    ['an unknown strategy', '', [...COLUMNS, '--strategy', 'random,evoluton'], /did you mean evolution/],
    ['a strategy twice', '', [...COLUMNS, '--strategy', 'random,random'], /strategy random twice/],
  ])('refuses %s in one line', async (_, content, args, message) => {
    const file = join(folder, 'bad.csv');
    rmSync(file, { force: true });
    if (content !== null) writeFileSync(file, content);
    const answer = await bench(args, file);
    expect(answer.notes).toMatch(message);
    expect(answer.notes).toMatch(/^error: [^\n]*fix: [^\n]*$/);
    expect(answer).toMatchObject({ code: 2, printed: '', json: undefined });
  });

  it('refuses a folder, and another evaluator', async () => {
    expect((await bench(COLUMNS, folder)).notes).toMatch(/is a folder.*NAS_NOT_A_FILE/);
    const { notes } = await bench([...COLUMNS, '--evaluator', 'train']);
    expect(notes).toMatch(/evaluator "train"; expected table:FILE.*NAS_BAD_EVALUATOR/);
  });
});
