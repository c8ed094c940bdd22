import { parse } from 'yaml';
import { NasError, messageOf, now } from '../../core/index.js';
import type { Activation, Shape } from '../../space/index.js';
import { keyOf, pieceOf, type Step } from './key.js';
import { TABLE_FORMAT, type LatencyTable, type TableEntry } from './table.js';

/** A foreign table read, and the keys that mean nothing here. */
export interface Imported {
  readonly table: LatencyTable;
  readonly passedOver: readonly string[];
}

/**
 * Reads a latency table of Once-for-All or ProxylessNAS: YAML or JSON, one entry per block, keyed like
 * `expanded_conv-input:112x112x16-output:56x56x24-expand:6-kernel:3-stride:2-idskip:0`, with `mean` in ms and `count` runs
 * (issues 37 of mit-han-lab/once-for-all and 1 of UoS-EEC/DynamicOFA tell the fields). ProxylessNAS: `expand` is a
 * ratio, ReLU6. Once-for-All's MobileNetV3 tables have `-se:S-hs:H` behind: `expand` is the width inside, `hs` 1 h-swish
 * and 0 ReLU, `se` 1 squeeze-and-excite to a quarter of it.
 * @param name what the table is called
 * @throws NasError `NAS_BAD_TABLE` when it is none
 */
export function importTable(text: string, name: string): Imported {
  const lines = Object.entries(readMap(text, name));
  const hasSqueeze = lines.some(([key]) => /-se:[01]-hs:[01]$/.test(key));
  const entries: Record<string, TableEntry> = {};
  const passedOver: string[] = [];
  for (const [key, value] of lines) {
    const line = lineOf(value);
    const piece = keyFrom(key, hasSqueeze);
    if (line === null || piece === null) passedOver.push(key);
    else entries[piece] = line;
  }
  const planned = Object.keys(entries).length;
  if (planned === 0)
    throw noTable(name, `none of its ${lines.length} keys is a block of Once-for-All or ProxylessNAS`);
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
    planned,
    empty: { ms: 0, sessions: 0 },
    entries,
    networks: [],
  };
  return { table, passedOver };
}

const MOST_LINES = 200_000;

function readMap(text: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = /^\s*\{/.test(text) ? JSON.parse(text) : parse(text, { maxAliasCount: 0, logLevel: 'silent' });
  } catch (cause) {
    throw noTable(name, messageOf(cause));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw noTable(name, 'it is no map of blocks to latencies');
  if (Object.keys(value).length > MOST_LINES) throw noTable(name, `more than ${MOST_LINES} lines`);
  return value as Record<string, unknown>;
}

function noTable(name: string, found: string): NasError {
  return new NasError({
    code: 'NAS_BAD_TABLE',
    found: `${name} is no foreign latency table: ${found}`,
    expected: 'YAML or JSON of Once-for-All or ProxylessNAS, or a table of this project',
    fix: 'docs/formats.md shows the forms',
  });
}

/** A number, or `mean` with `count` and `std` or `var`. */
function lineOf(value: unknown): TableEntry | null {
  const given = typeof value === 'number' ? { mean: value } : value;
  if (typeof given !== 'object' || given === null) return null;
  const numberAt = (field: string): number | undefined => {
    const found = (given as Record<string, unknown>)[field];
    return typeof found === 'number' && Number.isFinite(found) && found >= 0 ? found : undefined;
  };
  const mean = numberAt('mean');
  if (mean === undefined || mean > 1e9) return null;
  const runs = Math.floor(numberAt('count') ?? 1);
  const deviation = numberAt('std') ?? Math.sqrt(numberAt('var') ?? 0);
  const half = (1.96 * deviation) / Math.sqrt(Math.max(1, runs));
  return { ms: mean, lowMs: Math.max(0, mean - half), highMs: mean + half, runs };
}

const FORM =
  /^(\w+)-input:(\d+)x(\d+)x(\d+)-output:(?:(\d+)x(\d+)x)?(\d+)(?:-expand:(\d+)-kernel:(\d+)-stride:([12])-idskip:([01]))?(?:-se:([01])-hs:([01]))?$/;

/** Our key of a foreign one, or null. */
function keyFrom(key: string, hasSqueeze: boolean): string | null {
  const match = FORM.exec(key);
  if (match === null) return null;
  const [, type, ...rest] = match as unknown as [string, string, ...(string | undefined)[]];
  const at = (index: number): number => Number(rest[index] ?? 0);
  const [height, width, channels, outHeight] = [at(0), at(1), at(2), at(3)];
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
      if (expand === 0 || kernel === 0) return null;
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
      return null;
  }
  const ours = keyOf({ input, steps });
  return pieceOf(ours) === null ? null : ours;
}

/** A quarter as a multiple of 8 that is at most a tenth below it. */
function quarter(width: number): number {
  const wanted = Math.floor(width / 4);
  const rounded = Math.max(8, Math.floor((wanted + 4) / 8) * 8);
  return rounded < 0.9 * wanted ? rounded + 8 : rounded;
}
