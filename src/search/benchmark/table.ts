import { NasError, unknownName, type CsvRow } from '../../core/index.js';
import type { Genome, SearchSpace } from '../../space/index.js';
import { NASBENCH201, OPERATIONS, parseCell } from './nasbench201.js';

/** The columns of a benchmark table by their names in its header. */
export interface TableColumns {
  readonly arch: string;
  /** What a search sees of a network's accuracy. */
  readonly accuracy: string;
  /** The accuracy that counts in the end; no strategy sees it. */
  readonly final: string;
  readonly latency: string;
}

/** One network of a table; accuracies in %. */
export interface Entry {
  readonly genome: Genome;
  readonly short: number;
  readonly final: number;
  readonly latencyMs: number;
}

/** Networks of a space with results that were measured once and for all. */
export interface BenchmarkTable {
  readonly space: SearchSpace;
  readonly entries: readonly Entry[];
  /** Undefined for a network that the table lacks. */
  entryOf(genome: Genome): Entry | undefined;
}

/**
 * A table of NAS-Bench-201 cells. Accuracies are in %, or shares where no value of the column is above 1.
 * @param rows the header first
 * @throws NasError `NAS_BENCHMARK_COLUMN`, `NAS_BENCHMARK_ROW`
 */
export function benchmarkTable(rows: readonly CsvRow[], columns: TableColumns): BenchmarkTable {
  const [header, ...body] = rows;
  const at = placesOf(header?.fields ?? [], columns);
  if (body.length === 0)
    throw badRow('a header without rows', 'a row for each network', 'give the whole table');
  const number = numberIn(columns);
  const read = body.map(({ line, fields }) => {
    if (fields.length !== header?.fields.length)
      throw badRow(
        `line ${line}: ${fields.length} fields`,
        `${header?.fields.length ?? 0}, as in the header`,
        'quote fields that hold commas',
      );
    const cell = (column: keyof TableColumns): string => fields[at[column]] ?? '';
    return {
      line,
      genome: genomeIn(line, cell('arch')),
      short: number(line, 'accuracy', cell('accuracy'), 100),
      final: number(line, 'final', cell('final'), 100),
      latencyMs: number(line, 'latency', cell('latency'), Number.MAX_VALUE),
    };
  });
  const [short, final] = [percentOf(read.map((row) => row.short)), percentOf(read.map((row) => row.final))];
  const byKey = new Map<number, Entry>();
  const lines = new Map<number, number>();
  for (const [i, { line, genome, latencyMs }] of read.entries()) {
    const key = keyOf(genome);
    const twice = lines.get(key);
    if (twice !== undefined)
      throw badRow(
        `lines ${twice} and ${line}: the same architecture`,
        'each architecture once',
        'remove one of the two rows',
      );
    lines.set(key, line);
    byKey.set(key, {
      genome: Object.freeze(genome),
      short: short[i] as number,
      final: final[i] as number,
      latencyMs,
    });
  }
  return {
    space: NASBENCH201,
    entries: [...byKey.values()],
    entryOf: (genome) => byKey.get(keyOf(genome)),
  };
}

/** A number for each genome of the space. */
function keyOf(genome: Genome): number {
  let key = 0;
  for (const gene of genome) key = key * OPERATIONS.length + gene;
  return key;
}

type Places = Readonly<Record<keyof TableColumns, number>>;

function placesOf(header: readonly string[], columns: TableColumns): Places {
  const place = (column: keyof TableColumns): number => {
    const name = columns[column];
    const first = header.indexOf(name);
    if (first < 0) throw unknownName('column', name, header, 'NAS_BENCHMARK_COLUMN');
    if (header.includes(name, first + 1))
      throw new NasError({
        code: 'NAS_BENCHMARK_COLUMN',
        found: `column ${JSON.stringify(name)} twice in the header`,
        expected: 'each column once',
        fix: 'rename or remove one of the two',
      });
    return first;
  };
  const at = {
    arch: place('arch'),
    accuracy: place('accuracy'),
    final: place('final'),
    latency: place('latency'),
  };
  if (new Set([at.arch, at.accuracy, at.latency]).size < 3 || [at.arch, at.latency].includes(at.final))
    throw new NasError({
      code: 'NAS_BENCHMARK_COLUMN',
      found: `one column for two purposes: ${Object.values(columns).join(', ')}`,
      expected: 'different columns for architecture, accuracy and latency',
      fix: `name others of ${header.join(', ')}`,
    });
  return at;
}

function genomeIn(line: number, text: string): Genome {
  const cell = parseCell(text.trim());
  if ('genome' in cell) return cell.genome;
  throw badRow(
    `line ${line}: ${cell.fault} in ${JSON.stringify(text.slice(0, 120))}`,
    `a cell |op~0|+|op~0|op~1|+|op~0|op~1|op~2|, each op one of ${OPERATIONS.join(', ')}`,
    'name the column of the cells with --arch-column; tables of other spaces are not read',
  );
}

function numberIn(columns: TableColumns) {
  return (line: number, column: keyof TableColumns, text: string, most: number): number => {
    const value = Number(text);
    if (text.trim() !== '' && value >= 0 && value <= most) return value;
    throw badRow(
      `line ${line}: ${JSON.stringify(text.slice(0, 40))} in column ${columns[column]}`,
      most === 100 ? 'an accuracy: a number from 0 to 100' : 'a latency in ms: a number of at least 0',
      'correct or remove the row',
    );
  };
}

function percentOf(values: readonly number[]): readonly number[] {
  return values.every((value) => value <= 1) ? values.map((value) => 100 * value) : values;
}

function badRow(found: string, expected: string, fix: string): NasError {
  return new NasError({ code: 'NAS_BENCHMARK_ROW', found, expected, fix });
}
