import { readFileSync } from 'node:fs';
import type { Genome, SearchSpace } from '../../../src/space/index.js';

const OPERATIONS = ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3'];

/** One network of the table; accuracies in %, latencies in ms by device. */
export interface Entry {
  /** Of the validation part after 12 epochs: what a search sees. */
  readonly short: number;
  /** Of the test part after 200 epochs: what counts. */
  readonly final: number;
  readonly latencyMs: Readonly<Record<string, number>>;
}

export type Table = ReadonlyMap<string, Entry>;

/** The columns `arch, cifar10_val_acc_12ep, cifar10_test_acc_200ep, latency_ms_DEVICE, …` by the genome's `join()`. */
export function readTable(path: string): Table {
  const [head = '', ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const devices = head
    .split(',')
    .slice(3)
    .map((name) => name.replace('latency_ms_', ''));
  const table = new Map<string, Entry>();
  for (const line of lines) {
    const [text = '', short, final, ...latencies] = line.split(',');
    const genome = [...text.matchAll(/\|?([a-z_0-9]+)~\d/g)].map((match) =>
      OPERATIONS.indexOf(match[1] ?? ''),
    );
    if (genome.length !== 6 || genome.includes(-1)) throw new Error(`cannot read ${text}`);
    const latencyMs = Object.fromEntries(devices.map((device, i) => [device, Number(latencies[i])]));
    table.set(genome.join(), { short: Number(short), final: Number(final), latencyMs });
  }
  return table;
}

export function entryOf(table: Table, genome: Genome): Entry {
  const entry = table.get(genome.join());
  if (entry === undefined) throw new Error(`no such network: ${genome.join()}`);
  return entry;
}

/** The six edges of a cell, each of five operations. */
export const SPACE: SearchSpace = {
  name: 'nasbench201',
  task: { input: [32, 32, 3], classes: 10 },
  digest: 'nasbench201',
  choices: Array.from({ length: 6 }, (_, i) => ({ name: `edge${i}`, options: OPERATIONS })),
  size: 15625n,
  sample: (rng) => Array.from({ length: 6 }, () => rng.integer(5)),
  decode: () => {
    throw new Error('the table holds results, not networks');
  },
  encode: () => {
    throw new Error('the table holds results, not networks');
  },
};
