import { createPause, now, type Pause } from '../../../core/index.js';
import { buildNetwork } from '../../../network/index.js';
import { parseArchitecture, type SearchSpace } from '../../../space/index.js';
import type { Platform, Surroundings } from '../../platform/platform.js';
import { measureBoundaries } from './boundaries.js';
import { measureCachePressure } from './cache-pressure.js';
import { measureNetworks, sampledTexts, type BuildProgress } from './measure.js';
import { tableModel } from '../model.js';
import { SESSIONS } from './sessions.js';
import { keysOfSpace } from './space-keys.js';
import { TABLE_FORMAT, sameDevice, type LatencyTable, type TableEntry } from '../table.js';
import { timeLines } from './time-lines.js';
import { narrowerKeys } from './widths.js';

export interface BuildOptions {
  readonly platform: Platform;
  /** The platform as `--platform` takes it. */
  readonly name: string;
  readonly space: SearchSpace;
  /** Whether segments narrower than the space's are timed too, for NetAdapt. */
  readonly widths: boolean;
  /** Whole networks that the sum is corrected by. */
  readonly networks: number;
  /** What lies there already, of this device and space; and tables of this device for other spaces, whose lines hold too. */
  readonly before: LatencyTable | null;
  readonly others: readonly LatencyTable[];
  readonly surroundings: Surroundings;
  /** Called after each session with a table that can be gone on with. */
  save(table: LatencyTable): void;
  listen?(progress: BuildProgress): void;
  readonly seed?: string;
  /** Awaited between the parts of long work; default {@link createPause}. */
  readonly pause?: Pause;
}

export interface Built {
  readonly table: LatencyTable;
  /** False: it was stopped. */
  readonly finished: boolean;
  /** Lines timed now, and lines taken from other tables of this device. */
  readonly timed: number;
  readonly taken: number;
}

/** Networks that the calibration's are chosen from, so that they cover the space's latencies evenly. */
const CHOICE = 12;

/**
 * Times every distinct segment of a space that has no line yet, as a stand-alone network less its boundary overhead, after
 * boundary overheads and cache pressure on this device, and before whole networks for the correction. Lines of a table of
 * version 1, which has no boundary overheads, are timed again; its measured networks hold.
 * @throws NasError what the platform finds
 */
export async function buildTable(options: BuildOptions): Promise<Built> {
  const { platform, space, before, seed = 'table', pause = createPause() } = options;
  const unlessStopped = async <T>(parts: Generator<void, T>): Promise<T | undefined> => {
    for (;;) {
      const { done, value } = parts.next();
      if (done === true) return value;
      await pause();
      if (options.surroundings.stop()) return undefined;
    }
  };
  const others = options.others.filter(
    (table) => table.boundaries !== undefined && sameDevice(table, platform.fingerprint),
  );
  const earlier = before?.boundaries === undefined ? others : [before, ...others];
  const lines = new Map<string, TableEntry>(
    before?.boundaries === undefined ? [] : Object.entries(before.entries),
  );
  const report = (done: number) => options.listen?.({ phase: 'device', done, total: 2, secondsLeft: null });
  if (earlier.length === 0) report(0);
  const keys = await unlessStopped(keysOfSpace(space, seed));
  const narrower =
    options.widths && keys !== undefined ? await unlessStopped(narrowerKeys(keys)) : keys && [];
  const wanted = [...(keys ?? []), ...(narrower ?? [])];
  let taken = 0;
  for (const other of others)
    for (const key of wanted) {
      const line = other.entries[key];
      if (line === undefined || lines.has(key)) continue;
      lines.set(key, line);
      taken++;
    }
  const createdAt = before?.createdAt ?? now();
  let networks = before?.networks ?? [];

  const boundaries =
    earlier[0]?.boundaries ?? (narrower && keys ? await measureBoundaries(keys, seed, options) : null);
  if (earlier.length === 0) report(1);
  const cachePressure =
    earlier.find((table) => table.cachePressure !== undefined)?.cachePressure ??
    (boundaries === null || keys === undefined ? null : await measureCachePressure(keys, seed, options));
  const current = (): LatencyTable => ({
    format: TABLE_FORMAT,
    version: 2,
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
    empty: { ms: boundaries?.conv.ms ?? 0, sessions: boundaries === null ? 0 : SESSIONS },
    ...(boundaries === null ? {} : { boundaries }),
    ...(cachePressure === null ? {} : { cachePressure }),
    entries: Object.fromEntries(lines),
    networks,
  });
  const result = (finished: boolean, timed: number): Built => ({ table: current(), finished, timed, taken });
  if (narrower === undefined || boundaries === null || cachePressure === null) return result(false, 0);

  const save = () => {
    options.save(current());
  };
  const { timed, finished } = await timeLines(wanted, lines, { ...options, boundaries, seed, save });
  if (!finished) return result(false, timed);

  const fitted = networks.filter(({ use }) => use === 'calibration').map(({ text }) => text);
  const known = new Set(networks.map(({ text }) => text));
  const missing = Math.max(0, options.networks - fitted.length);
  const more =
    missing === 0 ? [] : await unlessStopped(calibrationTexts(space, current(), options.networks, seed));
  if (more === undefined) return result(false, timed);
  const texts = [...fitted, ...more.filter((text) => !known.has(text)).slice(0, missing)];
  const measured = await measureNetworks(texts, 'calibration', networks, options, (found) => {
    networks = found;
    save();
  });
  if (!measured) return result(false, timed);
  save();
  return result(true, timed);
}

/** Of many random networks, those whose sums lie evenly from the smallest to the largest; in parts of one network each. */
function* calibrationTexts(
  space: SearchSpace,
  table: LatencyTable,
  count: number,
  seed: string,
): Generator<void, readonly string[]> {
  const model = tableModel({ ...table, networks: [] });
  const sampled: { readonly text: string; readonly sum: number }[] = [];
  for (const text of sampledTexts(space, CHOICE * count, `${seed}/calibration`)) {
    yield;
    sampled.push({ text, sum: model.lookUp(buildNetwork(parseArchitecture(text))).sumMs });
  }
  sampled.sort((a, b) => a.sum - b.sum);
  const step = (sampled.length - 1) / Math.max(1, count - 1);
  const chosen = Array.from({ length: count }, (_, i) => sampled[Math.round(i * step)]?.text ?? '');
  return [...new Set(chosen)].filter((text) => text !== '');
}
