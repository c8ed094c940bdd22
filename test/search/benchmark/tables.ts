import { parseCsv } from '../../../src/core/index.js';
import { benchmarkTable, type BenchmarkTable } from '../../../src/search/index.js';

export const COLUMNS = { arch: 'arch', accuracy: 'short', final: 'final', latency: 'ms' };

const OPERATIONS = ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3'];

/** Each of these more of a convolution adds so much accuracy and so much latency. */
const WORTH = [0, 1, 4, 9, 2];
const COST = [0, 0.1, 1, 4, 0.5];

/** The cell whose edges have these operations. */
export function cell(genome: readonly number[]): string {
  const [a, b, c, d, e, f] = genome.map((gene) => OPERATIONS[gene] ?? '');
  return `|${a}~0|+|${b}~0|${c}~1|+|${d}~0|${e}~1|${f}~2|`;
}

/** All 15,625 cells, or each n-th: the short accuracy is the final one, disturbed in a fixed way that chance does not enter. */
export function madeUpCsv(step = 1): string {
  const lines = ['arch,short,final,ms'];
  for (let key = 0; key < 5 ** 6; key += step) {
    const genome = Array.from({ length: 6 }, (_, i) => Math.floor(key / 5 ** i) % 5);
    const sumOf = (of: readonly number[]): number => genome.reduce((sum, gene) => sum + (of[gene] ?? 0), 0);
    const final = 40 + sumOf(WORTH);
    const short = final - 10 + ((key * 7919) % 101) / 50;
    lines.push(`${cell(genome)},${short.toFixed(2)},${final},${(1 + sumOf(COST)).toFixed(2)}`);
  }
  return `${lines.join('\n')}\n`;
}

export function tableOf(text: string, columns = COLUMNS): BenchmarkTable {
  const rows = parseCsv(text);
  if ('fault' in rows) throw new Error(rows.fault);
  return benchmarkTable(rows.value, columns);
}
