import { digest } from '../../core/index.js';
import type { Genome, SearchSpace } from '../../space/index.js';

export const OPERATIONS: readonly string[] = [
  'none',
  'skip_connect',
  'nor_conv_1x1',
  'nor_conv_3x3',
  'avg_pool_3x3',
];

/** Where each edge comes from, in the order in which a cell is written. */
const SOURCES = [0, 0, 1, 0, 1, 2];

/**
 * The space of NAS-Bench-201 (Dong and Yang 2020, 2001.00326, §2.1): cells of four nodes, one of five operations on each of the six
 * edges. Its networks have no text form here: `decode` and `encode` throw.
 */
export const NASBENCH201: SearchSpace = Object.freeze<SearchSpace>({
  name: 'nasbench201',
  task: { input: [32, 32, 3], classes: 10 },
  digest: digest({ space: 'nasbench201', operations: OPERATIONS }),
  choices: SOURCES.map((_, i) => ({ name: `edge${i}`, options: OPERATIONS })),
  size: BigInt(OPERATIONS.length ** SOURCES.length),
  sample: (rng) => SOURCES.map(() => rng.integer(OPERATIONS.length)),
  decode: noNetwork,
  encode: noNetwork,
});

function noNetwork(): never {
  throw new TypeError('a benchmark table holds results, not networks');
}

/** The genome of a cell's text `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`, or why it is none. */
export function parseCell(text: string): { readonly genome: Genome } | { readonly fault: string } {
  const nodes = /^\|.*\|$/.test(text) ? text.slice(1, -1).split('|+|') : [];
  const edges = nodes.flatMap((node) => node.split('|'));
  const layout = nodes.map((node) => node.split('|').length).join();
  if (layout !== '1,2,3') return { fault: 'not a cell of NAS-Bench-201' };
  const genome: number[] = [];
  for (const [i, edge] of edges.entries()) {
    const [, name = '', source] = /^([^~]*)~(\d+)$/.exec(edge) ?? [];
    if (source !== String(SOURCES[i])) return { fault: `edge ${JSON.stringify(edge.slice(0, 40))}` };
    const operation = OPERATIONS.indexOf(name);
    if (operation < 0) return { fault: `operation ${JSON.stringify(name.slice(0, 40))}` };
    genome.push(operation);
  }
  return { genome };
}
