import { now, stopwatch } from '../../core/index.js';
import { buildNetwork } from '../../network/index.js';
import { parseArchitecture, type SearchSpace } from '../../space/index.js';
import type { Platform, Surroundings } from '../platform.js';
import { pieceOf } from './key.js';
import { measureNetworks, sampledTexts, type BuildProgress } from './measure.js';
import { tableModel } from './model.js';
import { paceOf } from './pace.js';
import { keysOfSpace } from './space-keys.js';
import { TABLE_FORMAT, sameDevice, type LatencyTable, type TableEntry } from './table.js';
import { timePieces } from './time-pieces.js';
import { narrowerKeys } from './widths.js';
import { effortOf } from './work.js';

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
/** Networks that the calibration's are chosen from, so that they cover the space's latencies evenly. */
const CHOICE = 12;

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
  const createdAt = before?.createdAt ?? now();
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
    createdAt,
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

function effortAt(key: string): number {
  const piece = pieceOf(key);
  if (piece === null) throw new RangeError(`no piece: ${key}`);
  return effortOf(piece);
}
