import { z } from 'zod';
import { NasError, deepFreeze } from '../../core/index.js';
import { fingerprintSchema } from '../platform/fingerprint-schema.js';
import { fingerprintDigest, type Fingerprint } from '../platform/fingerprint.js';
import { segmentOf } from './key.js';

/** First field of every table file. */
export const TABLE_FORMAT = 'platform-nas-latency-table';
const MOST_ENTRIES = 200_000;
const MOST_NETWORKS = 10_000;

const count = z.int().min(0);
const time = z.number().min(0).max(1e9);
const text = z.string().max(4000);

const entrySchema = z.strictObject({
  /** What the segment adds to a network: its latency alone less the cost of a run (version 2: its boundary overhead). */
  ms: time,
  /** 95 % interval of it. */
  lowMs: time,
  highMs: time,
  runs: count,
  /** Of each session, `ms` being their median; one session where it is absent. */
  sessionsMs: z.array(time).max(100).exactOptional(),
});

/** See build/boundaries.ts. */
const borderSchema = z.strictObject({ ms: time, perValueMs: time });

/** See build/cache-pressure.ts. */
const curveSchema = z.array(z.strictObject({ params: count, ms: time })).max(100);

const networkSchema = z.strictObject({
  /** Text form of the architecture. */
  text: z.string().max(65_536),
  /** `calibration`: the table was fitted to it; `validation`: it never was. */
  use: z.enum(['calibration', 'validation']),
  medianMs: time.gt(0),
  lowMs: time,
  highMs: time,
  runs: count,
  /** Of each session, `medianMs` being their median; one session where it is absent. */
  sessionsMs: z.array(time.gt(0)).max(100).exactOptional(),
});

const tableSchema = z.strictObject({
  format: z.literal(TABLE_FORMAT),
  /** 1: without boundary overheads and cache pressure. */
  version: z.literal([1, 2]),
  /** As `--platform` takes it; what a foreign table is called otherwise. */
  platform: text,
  /** null where nothing is known of the device (foreign tables). */
  fingerprint: fingerprintSchema.nullable(),
  batch: count.min(1),
  space: z
    .strictObject({
      name: z.string().max(200),
      digest: z.string().regex(/^[0-9a-f]{64}$/),
      input: z.tuple([count, count, count]),
      classes: count,
    })
    .nullable(),
  /** Who made it: `platform-nas`, or the foreign format that it was read from. */
  source: z.enum(['platform-nas', 'once-for-all', 'proxylessnas']),
  /** `parts`: convolutions of a block in a row, squeeze-and-excite and skip each have a line; `blocks`: whole blocks. */
  grain: z.enum(['parts', 'blocks']),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  /** Lines of the finished table. */
  planned: count,
  /** What a network's run costs by itself. Version 2 has it in `boundaries`, by what goes in and out. */
  empty: z.strictObject({ ms: time, sessions: count }),
  /** What a segment took alone beyond what it adds to a network, subtracted from the entries; by its first step. */
  boundaries: z
    .strictObject({
      conv: borderSchema,
      se: borderSchema,
      add: borderSchema,
      gap: borderSchema,
      dense: borderSchema,
    })
    .exactOptional(),
  /** What a number of parameters costs more in one network than in segments, rising; by the kind of layer. */
  cachePressure: z
    .strictObject({ pointwise: curveSchema, convolution: curveSchema, dense: curveSchema })
    .exactOptional(),
  entries: z
    .record(z.string().max(1000), entrySchema)
    .refine((entries) => Object.keys(entries).length <= MOST_ENTRIES, `at most ${MOST_ENTRIES} entries`),
  networks: z.array(networkSchema).max(MOST_NETWORKS),
});

type Deep<T> = T extends object ? { readonly [K in keyof T]: Deep<T[K]> } : T;

/** A look-up table as it lies in its file; docs/formats.md has every field. */
export type LatencyTable = Deep<z.infer<typeof tableSchema>>;
export type TableEntry = LatencyTable['entries'][string];
export type MeasuredNetwork = LatencyTable['networks'][number];

/** Fields that earlier versions wrote under another name. */
const FORMER_NAMES = { borders: 'boundaries', crowding: 'cachePressure' } as const;

function presentNames(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const named = { ...value };
  for (const [former, present] of Object.entries(FORMER_NAMES)) {
    if (!(former in named) || present in named) continue;
    Reflect.set(named, present, Reflect.get(named, former));
    Reflect.deleteProperty(named, former);
  }
  return named;
}

/**
 * Checks what a file holds. @param source what a message calls it
 * @throws NasError `NAS_BAD_TABLE` with the first field that is wrong
 */
export function checkTable(value: unknown, source: string): LatencyTable {
  const parsed = tableSchema.safeParse(presentNames(value));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join('.') ?? '';
    throw badTable(
      source,
      `${where === '' ? 'the whole' : where.slice(0, 120)}: ${issue?.message ?? 'wrong'}`,
    );
  }
  const wrong = Object.keys(parsed.data.entries).find((key) => segmentOf(key) === null);
  if (wrong !== undefined)
    throw badTable(source, `entry ${JSON.stringify(wrong.slice(0, 120))} is no segment`);
  return deepFreeze(parsed.data);
}

export function badTable(source: string, found: string): NasError {
  return new NasError({
    code: 'NAS_BAD_TABLE',
    found: `${source} is no latency table: ${found}`,
    expected: 'what nas latency build or export writes (docs/formats.md)',
    fix: 'a table of Once-for-All or ProxylessNAS is read by nas latency import',
  });
}

/** Digest that records by this table carry: of its device, or of the table itself where none is known. */
export function tableFingerprint(table: LatencyTable): Fingerprint {
  if (table.fingerprint !== null) return table.fingerprint;
  return Object.freeze({
    platform: `table (${table.source})`,
    batch: table.batch,
    backend: table.source,
    device: 'cpu',
    deviceName: table.platform,
    threads: 0,
    versions: {},
    cpu: 'unknown',
    cores: 0,
    os: 'unknown',
  });
}

/** Whether two tables are of one device in one state, so that lines of one hold in the other. */
export function sameDevice(table: LatencyTable, fingerprint: Fingerprint): boolean {
  return (
    table.fingerprint !== null && fingerprintDigest(table.fingerprint) === fingerprintDigest(fingerprint)
  );
}
