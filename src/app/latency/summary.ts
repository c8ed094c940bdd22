import { mean, median, NasError, quantile } from '../../core/index.js';
import {
  predictionErrorOf,
  coverageOf,
  fingerprintDigest,
  readTable,
  repeatedPairs,
  tableFiles,
  tableModel,
  tableText,
  writeTable,
  type LatencyTable,
  type Pair,
} from '../../latency/index.js';
import { buildNetwork } from '../../network/index.js';
import type { LatencyTableRow, LookUpView } from '../../report/index.js';
import { formatArchitecture, parseArchitecture, type Task } from '../../space/index.js';
import type { Places } from '../environment.js';
import { resolveArchitecture } from '../resolve.js';
import { coverageText } from '../search/table-coverage.js';

export interface ReadTable {
  readonly summary: LatencyTableRow;
  /** Validation networks, predicted as corrected. */
  readonly pairs: readonly (Pair & { readonly text: string })[];
}

/** @throws NasError `NAS_NO_TABLE`, `NAS_BAD_TABLE` */
export function openTable(file: string, table = readTable(file)): ReadTable {
  const model = tableModel(table);
  const { fingerprint, space } = table;
  const checked = table.networks
    .filter(({ use }) => use === 'validation')
    .map(({ text, medianMs }) => ({
      text,
      measuredMs: medianMs,
      found: model.lookUp(buildNetwork(parseArchitecture(text))),
    }));
  const pairs = checked.map(({ text, measuredMs, found }) => ({
    text,
    measuredMs,
    predictedMs: found.medianMs,
  }));
  const sums = checked.map(({ measuredMs, found }) => ({ measuredMs, predictedMs: found.sumMs }));
  const repeated = repeatedPairs(table.networks.filter(({ use }) => use === 'validation'));
  const { networks, leftOut } = model.calibration;
  const summary: LatencyTableRow = {
    file,
    platform: table.platform,
    source: table.source,
    fingerprint: fingerprint === null ? null : fingerprintDigest(fingerprint),
    deviceName: fingerprint?.deviceName ?? null,
    threads: fingerprint?.threads ?? null,
    batch: table.batch,
    space,
    createdAt: table.createdAt,
    entries: Object.keys(table.entries).length,
    planned: table.planned,
    emptyMs: table.empty.ms,
    perValueMs: table.boundaries?.conv.perValueMs ?? null,
    cachePressure: highestPressure(table),
    kinds: kindsOf(table),
    calibration: {
      networks,
      leftOutError: leftOut.length === 0 ? null : mean(leftOut.map((ratio) => Math.abs(1 / ratio - 1))),
    },
    validation:
      pairs.length < 2
        ? null
        : {
            sum: predictionErrorOf(sums),
            corrected: predictionErrorOf(pairs),
            repeated: repeated.length < 2 ? null : predictionErrorOf(repeated),
          },
    spread: model.spread === null ? null : Math.exp(model.spread) - 1,
  };
  return { summary, pairs };
}

/** What the longest chains of weights cost more, of each kind. */
function highestPressure({ cachePressure }: LatencyTable): LatencyTableRow['cachePressure'] {
  if (cachePressure === undefined) return null;
  const last = (kind: keyof typeof cachePressure): number => cachePressure[kind].at(-1)?.ms ?? 0;
  return {
    params: cachePressure.pointwise.at(-1)?.params ?? 0,
    pointwiseMs: last('pointwise'),
    convolutionMs: last('convolution'),
    denseMs: last('dense'),
  };
}

/** `conv3` of `conv3s2:32:r6`. Cut without an expression, which took half a second for 60,000 lines. */
function withoutSizes(step: string): string {
  const colon = step.indexOf(':');
  const word = colon < 0 ? step : step.slice(0, colon);
  return word.endsWith('s2') ? word.slice(0, -2) : word;
}

function kindsOf({ entries }: LatencyTable): readonly LatencyTableRow['kinds'][number][] {
  const kinds = new Map<string, number[]>();
  for (const [key, { ms }] of Object.entries(entries)) {
    const kind = key.split(' ').slice(1).map(withoutSizes).join(' ');
    const times = kinds.get(kind);
    if (times === undefined) kinds.set(kind, [ms]);
    else times.push(ms);
  }
  return [...kinds]
    .map(([kind, times]) => ({
      kind,
      entries: times.length,
      leastMs: quantile(times, 0),
      medianMs: median(times),
      mostMs: quantile(times, 1),
    }))
    .sort((a, b) => b.entries - a.entries);
}

/** All tables of the folder of latencies; those that cannot be read with the reason. */
export function listTables(
  places: Places,
): readonly (LatencyTableRow | { readonly file: string; readonly problem: string })[] {
  return tableFiles(places.latency).map((file) => {
    try {
      return openTable(file).summary;
    } catch (error) {
      return { file, problem: error instanceof NasError ? error.found : String(error) };
    }
  });
}

/**
 * @param given a preset, a text form or a file; a preset is made for the table's task
 * @returns with a warning for a network of which the table covers less than 90 %
 * @throws NasError what the table's file and the name find
 */
export function askTable(file: string, given: string): LookUpView & { readonly warning: string | null } {
  const table = readTable(file);
  const model = tableModel(table);
  const task: Task = table.space ?? { input: [224, 224, 3], classes: 1000 };
  const { architecture } = resolveArchitecture(given, { input: task.input, classes: task.classes });
  const network = buildNetwork(architecture);
  const warning = coverageText(file, coverageOf(model, [network]), 'this network', true);
  const { medianMs, lowMs, highMs, sumMs, runMs, pressuredMs, lines } = model.lookUp(network);
  const { lacking = [] } = model.record(network);
  return {
    text: formatArchitecture(architecture),
    medianMs,
    lowMs,
    highMs,
    sumMs,
    runMs,
    pressuredMs,
    lacking,
    lines,
    warning,
  };
}

/** Text of a checked table, for `nas latency export`. @throws NasError `NAS_NO_TABLE`, `NAS_BAD_TABLE` */
export function exportLatencyTable(file: string, out: string | undefined): string | null {
  const table = readTable(file);
  if (out === undefined) return tableText(table);
  writeTable(out, table);
  return null;
}
