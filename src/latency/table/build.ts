import { createRng, nonNegativeLeastSquares, now, stopwatch } from '../../core/index.js';
import { buildNetwork, initialWeights } from '../../network/index.js';
import { formatArchitecture, parseArchitecture, type SearchSpace } from '../../space/index.js';
import type { LatencyRecord } from '../../trials/index.js';
import { type Platform, type Surroundings } from '../platform.js';
import { defaultProtocol, type Protocol } from '../protocol.js';
import { pieceOf } from './key.js';
import { tableModel } from './model.js';
import { CHAIN_LENGTH, chainRunnable, emptyRunnable, runnableOf, startsDense } from './network.js';
import { keysOfSpace } from './space-keys.js';
import {
  TABLE_FORMAT,
  sameDevice,
  type LatencyTable,
  type MeasuredNetwork,
  type TableEntry,
} from './table.js';
import { narrowerKeys } from './widths.js';
import { effortOf } from './work.js';

export interface BuildProgress {
  readonly phase: 'entries' | 'networks';
  readonly done: number;
  readonly total: number;
  /** null until something is known of the pace. */
  readonly secondsLeft: number | null;
}

export interface BuildOptions {
  readonly platform: Platform;
  /** The platform as `--platform` takes it. */
  readonly name: string;
  readonly space: SearchSpace;
  /** Whether narrower pieces than the space has are timed too, for NetAdapt. */
  readonly widths: boolean;
  /** Whole networks that the sum is corrected by. */
  readonly networks: number;
  /** What lies there already, of this device and space; and tables of this device for other spaces, whose lines hold too. */
  readonly before: LatencyTable | null;
  readonly others: readonly LatencyTable[];
  readonly surroundings: Surroundings;
  /** Called after each batch with a table that can be gone on with. */
  save(table: LatencyTable): void;
  listen?(progress: BuildProgress): void;
  readonly seed?: string;
}

export interface Built {
  readonly table: LatencyTable;
  /** False: it was stopped. */
  readonly finished: boolean;
  /** Lines timed now, and lines taken from other tables of this device. */
  readonly timed: number;
  readonly taken: number;
}

/** Pieces per session, beside the empty network: enough that the reference network's turns cost little. */
const BATCH = 24;
/** Networks per session. */
const NETWORKS_AT_ONCE = 5;
/** Networks that the calibration's are chosen from, so that they cover the space's latencies evenly. */
const CHOICE = 12;

/** A piece is short and its noise averages out over the pieces of a network: fewer runs than a network gets. */
const PIECE_PROTOCOL: Protocol = Object.freeze({
  ...defaultProtocol,
  warmupRuns: 20,
  minRuns: 60,
  maxRuns: 120,
  maxSeconds: 0.5,
  precision: 0.03,
});

/**
 * Times every distinct piece of a space that has no line yet, those with the least work first, each as a network of its
 * own, less what a run costs by itself; then whole networks for the correction.
 * @throws NasError what the platform finds
 */
export async function buildTable(options: BuildOptions): Promise<Built> {
  const { platform, space, surroundings, before, seed = 'table' } = options;
  const keys = keysOfSpace(space, seed);
  const wanted = options.widths ? [...keys, ...narrowerKeys(keys)] : [...keys];
  const lines = new Map<string, TableEntry>(Object.entries(before?.entries ?? {}));
  let taken = 0;
  for (const other of options.others.filter(
    (table) => sameDevice(table, platform.fingerprint) && table.grain === 'parts',
  ))
    for (const key of wanted) {
      const line = other.entries[key];
      if (line === undefined || lines.has(key)) continue;
      lines.set(key, line);
      taken++;
    }
  const state = {
    empty: before?.empty ?? { ms: 0, sessions: 0 },
    networks: before?.networks ?? [],
  };
  const current = (): LatencyTable => ({
    format: TABLE_FORMAT,
    version: 1,
    platform: options.name,
    fingerprint: platform.fingerprint,
    batch: platform.fingerprint.batch,
    space: {
      name: space.name,
      digest: space.digest,
      input: [...space.task.input],
      classes: space.task.classes,
    },
    source: 'platform-nas',
    grain: 'parts',
    createdAt: before?.createdAt ?? now(),
    planned: new Set([...lines.keys(), ...wanted]).size,
    empty: state.empty,
    entries: Object.fromEntries(lines),
    networks: state.networks,
  });
  const result = (finished: boolean, timed: number): Built => ({ table: current(), finished, timed, taken });

  const todo = wanted
    .filter((key) => !lines.has(key))
    .map((key) => ({ key, effort: effortAt(key) }))
    .sort((a, b) => a.effort - b.effort);
  const pace = paceOf();
  let timed = 0;
  const tell = () => {
    options.listen?.({
      phase: 'entries',
      done: wanted.length - todo.length + timed,
      total: wanted.length,
      secondsLeft: pace(todo.slice(timed)),
    });
  };
  // Without a piece to time the empty network may still be missing, where all lines were taken from other tables.
  if (todo.length === 0 && state.empty.sessions === 0) {
    const session = await timePieces([], `${seed}/empty`, options);
    if (session === null) return result(false, 0);
    state.empty = session.empty(state.empty);
  }
  while (timed < todo.length) {
    tell();
    if (surroundings.stop()) return result(false, timed);
    const batch = todo.slice(timed, timed + BATCH);
    const elapsed = stopwatch();
    const session = await timePieces(
      batch.map(({ key }) => key),
      `${seed}/${timed}`,
      options,
    );
    if (session === null) return result(false, timed);
    for (const [key, line] of session.lines) lines.set(key, line);
    state.empty = session.empty(state.empty);
    timed += batch.length;
    pace.add(batch, elapsed() / 1000);
    options.save(current());
  }
  tell();

  const missing = options.networks - state.networks.filter(({ use }) => use === 'calibration').length;
  if (missing > 0) {
    const texts = calibrationTexts(space, current(), options.networks, seed);
    const known = new Set(state.networks.map(({ text }) => text));
    const left = texts.filter((text) => !known.has(text)).slice(0, missing);
    const finished = await measureNetworks(left, 'calibration', options, (measured) => {
      state.networks = [...state.networks, ...measured];
      options.save(current());
    });
    if (!finished) return result(false, timed);
  }
  options.save(current());
  return result(true, timed);
}

export interface MeasureOptions extends Pick<BuildOptions, 'platform' | 'surroundings' | 'listen'> {
  readonly seed?: string;
}

/** Measures whole networks, a few per session. @returns false when it was stopped */
export async function measureNetworks(
  texts: readonly string[],
  use: MeasuredNetwork['use'],
  { platform, surroundings, listen, seed = 'table' }: MeasureOptions,
  keep: (measured: readonly MeasuredNetwork[]) => void,
): Promise<boolean> {
  const elapsed = stopwatch();
  for (let at = 0; at < texts.length; at += NETWORKS_AT_ONCE) {
    const secondsLeft = at === 0 ? null : (elapsed() / 1000 / at) * (texts.length - at);
    listen?.({ phase: 'networks', done: at, total: texts.length, secondsLeft });
    const part = texts.slice(at, at + NETWORKS_AT_ONCE);
    const runnables = part.map((text) => {
      const network = buildNetwork(parseArchitecture(text));
      return { network, weights: initialWeights(network, createRng(seed)) };
    });
    const protocol = { ...defaultProtocol, seed: `${seed}/${use}/${at}` };
    const records = surroundings.stop() ? null : await platform.time(runnables, protocol, surroundings);
    if (records === null) return false;
    keep(
      records.map(({ medianMs, lowMs, highMs, runs }, i) => ({
        text: part[i] as string,
        use,
        medianMs,
        lowMs,
        highMs,
        runs,
      })),
    );
  }
  listen?.({ phase: 'networks', done: texts.length, total: texts.length, secondsLeft: 0 });
  return true;
}

/** Distinct random networks of a space, by a stream of their own. */
export function sampledTexts(space: SearchSpace, count: number, seed: string): readonly string[] {
  const rng = createRng(seed);
  const texts = new Set<string>();
  for (let tries = 0; texts.size < count && tries < 20 * count; tries++)
    texts.add(formatArchitecture(space.decode(space.sample(rng))));
  return [...texts];
}

/** Of many random networks, those whose sums lie evenly from the smallest to the largest. */
function calibrationTexts(
  space: SearchSpace,
  table: LatencyTable,
  count: number,
  seed: string,
): readonly string[] {
  const model = tableModel({ ...table, networks: [] });
  const sampled = sampledTexts(space, CHOICE * count, `${seed}/calibration`).map((text) => ({
    text,
    sum: model.lookUp(buildNetwork(parseArchitecture(text))).sumMs,
  }));
  sampled.sort((a, b) => a.sum - b.sum);
  const step = (sampled.length - 1) / Math.max(1, count - 1);
  const chosen = Array.from({ length: count }, (_, i) => sampled[Math.round(i * step)]?.text ?? '');
  return [...new Set(chosen)].filter((text) => text !== '');
}

interface PieceSession {
  readonly lines: ReadonlyMap<string, TableEntry>;
  /** The mean of earlier sessions' empty runs with this one's in it. */
  empty(before: LatencyTable['empty']): LatencyTable['empty'];
}

/**
 * Times pieces beside the empty network and the chain. A run that starts no operation cannot be timed, so its cost is the
 * empty network's less an operation's start, which is an eighth of what the chain takes more: a piece's own operations
 * must keep their starts, or every line is too short by one.
 * @returns null when it was stopped
 */
async function timePieces(
  keys: readonly string[],
  seed: string,
  { platform, surroundings }: Pick<BuildOptions, 'platform' | 'surroundings'>,
): Promise<PieceSession | null> {
  const records = await platform.time(
    [emptyRunnable(), chainRunnable(), ...keys.map(runnableOf)],
    { ...PIECE_PROTOCOL, seed },
    surroundings,
  );
  if (records === null) return null;
  const [empty, chain, ...found] = records;
  if (empty === undefined || chain === undefined || found.length !== keys.length)
    throw new TypeError('a platform gave fewer records than networks');
  const start = Math.max(0, chain.medianMs - empty.medianMs) / CHAIN_LENGTH;
  const runMs = Math.max(0, empty.medianMs - start);
  const lines = keys.map((key, i): [string, TableEntry] => [
    key,
    lineOf(found[i] as LatencyRecord, startsDense(key) ? empty.medianMs : runMs),
  ]);
  return {
    lines: new Map(lines),
    empty: ({ ms, sessions }) => ({ ms: (ms * sessions + runMs) / (sessions + 1), sessions: sessions + 1 }),
  };
}

function lineOf(record: LatencyRecord, less: number): TableEntry {
  const own = (value: number) => Number(Math.max(0, value - less).toPrecision(6));
  return {
    ms: own(record.medianMs),
    lowMs: own(record.lowMs),
    highMs: own(record.highMs),
    runs: record.runs,
  };
}

function effortAt(key: string): number {
  const piece = pieceOf(key);
  if (piece === null) throw new RangeError(`no piece: ${key}`);
  return effortOf(piece);
}

interface Todo {
  readonly effort: number;
}

/** Seconds by number of pieces and their work, learned from the batches so far. */
function paceOf() {
  const rows: number[][] = [];
  const seconds: number[] = [];
  const columns = (todo: readonly Todo[]) => [
    todo.length,
    todo.reduce((sum, { effort }) => sum + effort, 0) / 1e6,
  ];
  const estimate = (todo: readonly Todo[]): number | null => {
    if (seconds.length === 0) return null;
    const [perPiece = 0, perWork = 0] = nonNegativeLeastSquares(rows, seconds, 1e-6);
    const [pieces = 0, work = 0] = columns(todo);
    return perPiece * pieces + perWork * work;
  };
  return Object.assign(estimate, {
    add(batch: readonly Todo[], took: number) {
      rows.push(columns(batch));
      seconds.push(took);
    },
  });
}
