import { NasError, now, parseUserYaml } from '../../core/index.js';
import type { Activation, Shape } from '../../space/index.js';
import { after, fittingKey, type Step } from './key.js';
import { TABLE_FORMAT, type LatencyTable, type TableEntry } from './table.js';

/** A foreign table read, and what of it was not. */
export interface Imported {
  readonly table: LatencyTable;
  /** Entries of the file. */
  readonly found: number;
  readonly passedOver: readonly PassedOver[];
}

/** An entry of a foreign table that no network will ever find, and why. */
export interface PassedOver {
  readonly key: string;
  readonly why: string;
}

/**
 * Reads a latency table of Once-for-All or ProxylessNAS: YAML or JSON, one entry per block, keyed like
 * `expanded_conv-input:112x112x16-output:56x56x24-expand:6-kernel:3-stride:2-idskip:0`, with `mean` in ms and `count` runs
 * (issues 37 of mit-han-lab/once-for-all and 1 of UoS-EEC/DynamicOFA describe the fields). ProxylessNAS: `expand` is a
 * ratio, ReLU6. Once-for-All's MobileNetV3 tables have `-se:S-hs:H` behind: `expand` is the width inside, `hs` 1 h-swish
 * and 0 ReLU, `se` 1 squeeze-and-excite to a quarter of it.
 * @param name what the table is called
 * @throws NasError `NAS_BAD_TABLE` when it is none, or has two latencies for one block
 */
export function importTable(text: string, name: string): Imported {
  const lines = Object.entries(readMap(text, name));
  const hasSqueeze = lines.some(([key]) => /-se:[01]-hs:[01]$/.test(key));
  const entries = new Map<string, { readonly key: string; readonly entry: TableEntry }>();
  const passedOver: PassedOver[] = [];
  for (const [key, value] of lines) {
    const segment = keyFrom(key, hasSqueeze);
    const entry = 'why' in segment ? segment : entryOf(value);
    if ('why' in segment || 'why' in entry) {
      passedOver.push({ key, why: 'why' in entry ? entry.why : '' });
      continue;
    }
    const before = entries.get(segment.ours);
    if (before !== undefined && before.entry.ms !== entry.ms)
      throw noTable(name, `${shown(before.key)} and ${shown(key)} are one block and have two latencies`);
    if (before === undefined) entries.set(segment.ours, { key, entry });
  }
  const [first] = passedOver;
  if (entries.size === 0) {
    const example = first === undefined ? '' : `, for example ${shown(first.key)}: ${first.why}`;
    throw noTable(
      name,
      `none of its ${lines.length} entries is a block of Once-for-All or ProxylessNAS${example}`,
    );
  }
  const table: LatencyTable = {
    format: TABLE_FORMAT,
    version: 2,
    platform: name,
    fingerprint: null,
    batch: 1,
    space: null,
    source: hasSqueeze ? 'once-for-all' : 'proxylessnas',
    grain: 'blocks',
    createdAt: now(),
    planned: entries.size,
    empty: { ms: 0, sessions: 0 },
    entries: Object.fromEntries([...entries].map(([ours, { entry }]) => [ours, entry])),
    networks: [],
  };
  return { table, found: lines.length, passedOver };
}

const MOST_LINES = 200_000;
const MOST_MS = 1e9;

function readMap(text: string, name: string): Record<string, unknown> {
  const read = parseUserYaml(text);
  if ('fault' in read) throw noTable(name, read.fault, read.cause);
  const { value } = read;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw noTable(name, 'it is no map of blocks to latencies');
  if (Object.keys(value).length > MOST_LINES) throw noTable(name, `more than ${MOST_LINES} entries`);
  return value as Record<string, unknown>;
}

function noTable(name: string, found: string, cause?: unknown): NasError {
  return new NasError({
    code: 'NAS_BAD_TABLE',
    found: `${name} is no foreign latency table: ${found}`,
    expected: 'YAML or JSON of Once-for-All or ProxylessNAS, or a table of this project',
    fix: 'docs/formats.md shows the forms',
    cause,
  });
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

/** A number of ms, or `mean` with `count` and `std` or `var`. */
function entryOf(value: unknown): TableEntry | { readonly why: string } {
  const given = typeof value === 'object' && value !== null ? (value as Fields) : { mean: value };
  for (const field of ['mean', 'count', 'std', 'var'] as const) {
    const found = given[field];
    if (found === undefined && field !== 'mean') continue;
    if (typeof found === 'number' && found >= 0 && found <= MOST_MS) continue;
    const written = typeof found === 'number' ? String(found) : shown(found);
    return {
      why: `${field} is ${written}, not a number${field === 'mean' ? ' of ms' : ''} from 0 to ${MOST_MS}`,
    };
  }
  const { mean = 0, count = 1, std, var: variance = 0 } = given as Readonly<Record<string, number>>;
  const runs = Math.floor(count);
  const half = (1.96 * (std ?? Math.sqrt(variance))) / Math.sqrt(Math.max(1, runs));
  return { ms: mean, lowMs: Math.max(0, mean - half), highMs: Math.min(MOST_MS, mean + half), runs };
}

type Fields = Readonly<Partial<Record<'mean' | 'count' | 'std' | 'var', unknown>>>;

const FORM =
  /^(\w+)-input:(\d+)x(\d+)x(\d+)-output:(?:(\d+)x(\d+)x)?(\d+)(?:-expand:(\d+)-kernel:(\d+)-stride:([12])-idskip:([01]))?(?:-se:([01])-hs:([01]))?$/;

/** Our key of a foreign one, or why there is none. */
function keyFrom(key: string, hasSqueeze: boolean): { readonly ours: string } | { readonly why: string } {
  const match = FORM.exec(key);
  if (match === null) return { why: 'its key has none of the known forms' };
  const [, type, ...rest] = match as unknown as [string, string, ...(string | undefined)[]];
  const at = (index: number): number => Number(rest[index] ?? 0);
  const [height, width, channels, outHeight, outWidth] = [at(0), at(1), at(2), at(3), at(4)];
  const [out, expand, kernel, stride, skip, se, hs] = [at(5), at(6), at(7), at(8), at(9), at(10), at(11)];
  const input: Shape = [height, width, channels];
  const plain: Activation = hasSqueeze ? 'hs' : 'r6';
  const conv = (size: number, by: number, activation: Activation): Step => ({
    op: 'conv',
    kernel: size,
    stride: by,
    channels: out,
    activation,
  });
  let steps: readonly Step[];
  switch (type) {
    case 'Conv':
      steps = [conv(3, outHeight > 0 && outHeight < height ? 2 : 1, plain)];
      break;
    case 'Conv_1':
      steps = [conv(1, 1, plain)];
      break;
    case 'Conv_2':
      steps = [{ op: 'dense', channels: out, activation: plain }];
      break;
    case 'AvgPool2D':
      steps = [{ op: 'gap' }];
      break;
    case 'Logits': {
      const dense: Step = { op: 'dense', channels: out, activation: 'id' };
      steps = height === 1 && width === 1 ? [dense] : [{ op: 'gap' }, dense];
      break;
    }
    case 'expanded_conv': {
      if (expand === 0 || kernel === 0) return { why: 'its key says no expand or no kernel' };
      const inside = hasSqueeze ? expand : expand * channels;
      const activation: Activation = hasSqueeze ? (hs === 1 ? 'hs' : 're') : 'r6';
      const widen: Step = { op: 'conv', kernel: 1, stride: 1, channels: inside, activation };
      steps = [
        ...(inside === channels ? [] : [widen]),
        { op: 'dw', kernel, stride, activation },
        ...(se === 1 ? [{ op: 'se', channels: quarter(inside), gate: 'hsig' } as const] : []),
        conv(1, 1, 'id'),
        ...(skip === 1 ? [{ op: 'add' } as const] : []),
      ];
      break;
    }
    default:
      return { why: `no block is called ${shown(type)}` };
  }
  const ours = fittingKey({ input, steps });
  if (ours === null) return { why: 'its sizes do not fit each other, or are beyond all bounds' };
  const made = steps.reduce((shape, step) => after(step, shape), input);
  if ((outHeight > 0 && outHeight !== made[0]) || (outWidth > 0 && outWidth !== made[1]))
    return { why: `its output is ${outHeight}x${outWidth}, its input and stride make ${made[0]}x${made[1]}` };
  return { ours };
}

/** A quarter as a multiple of 8 that is at most a tenth below it. */
function quarter(width: number): number {
  const wanted = Math.floor(width / 4);
  const rounded = Math.max(8, Math.floor((wanted + 4) / 8) * 8);
  return rounded < 0.9 * wanted ? rounded + 8 : rounded;
}
