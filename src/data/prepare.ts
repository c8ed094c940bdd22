import type { Examples } from '../backends/index.js';
import type { DataSet } from './dataset.js';
import { rangeFault, whiteOf, type DeepRange, type Whites } from './pictures/deep-pixels.js';
import { examineImages, eachOf, listed, requireWhole, type BrokenPicture } from './pictures/images.js';
import type { ImageFile } from './pictures/image-folder.js';
import { dataSetOf, loadData, loadTest } from './load.js';
import { imageParts, type ImageParts } from './pictures/parts.js';
import { pictureReader, type Header } from './pictures/picture.js';
import { checkDataSpec, defaultImageSize, parseDataName, type DataSpec } from './spec.js';
import { rowsByClass } from './split.js';
import { pixelWarnings } from './pictures/pixel-warnings.js';

/** A data set that was checked from end to end before anything is trained on it. */
export interface PreparedData {
  /** The specification with what was found; loading by it gives `data` again. */
  readonly spec: DataSpec;
  readonly data: DataSet;
  /** Pictures of each class in the training, held-out and test part. */
  readonly counts: readonly ClassCounts[];
  /** Pictures that are left out because they are broken; see {@link brokenWarning}. */
  readonly broken: readonly BrokenPicture[];
  /** What the user should know, each in one line. */
  readonly warnings: readonly string[];
}

export interface ClassCounts {
  readonly name: string;
  readonly training: number;
  readonly heldOut: number;
  readonly test: number;
}

/**
 * Loads a data set and checks all of it: the header of every file, every picture of the training, held-out and test
 * part, the range of samples with more than 8 bits, what was passed over, and whether there is anything to learn from.
 * @param options.skipBroken continue without broken pictures, which `spec.skip` then names
 * @throws NasError as `loadData`; `NAS_DATA_BROKEN` names broken pictures of every part
 */
export async function prepareData(
  given: DataSpec,
  { skipBroken }: { readonly skipBroken: boolean },
): Promise<PreparedData> {
  const spec = checkDataSpec(given);
  const name = parseDataName(spec.name);
  if (name.kind === 'images') return prepareImages(spec, name.directory, skipBroken);
  const data = await loadData(spec);
  const test = await loadTest(data);
  return {
    ...{ spec, data, broken: [] },
    counts: countsOf(data, test.labels),
    warnings: pixelWarnings(data),
  };
}

async function prepareImages(given: DataSpec, directory: string, skipBroken: boolean): Promise<PreparedData> {
  const left: BrokenPicture[] = [];
  const headers = new Map<string, Header>();
  const ranges = new Map<string, DeepRange | undefined>();
  for (;;) {
    const spec: DataSpec = {
      ...given,
      skip: [...(given.skip ?? []), ...left.map(({ file }) => file.name)].sort(),
    };
    const parts = await imageParts(spec, directory).catch((error: unknown) => {
      // What is left without the broken pictures is no data set any more: they are the reason.
      requireWhole(left, headers.size);
      throw error;
    });
    const used = [...parts.training, ...parts.test];
    const all = [...used, ...parts.unused];
    const faults = await headerFaults(all, headers);
    await readRanges(used, headers, ranges);
    for (const { path, name } of used) {
      const range = ranges.get(path);
      const fault = range === undefined ? undefined : rangeFault(range);
      if (fault !== undefined) faults.set(name, fault);
    }
    const whites = whitesOf(
      used.flatMap(({ path }) => ranges.get(path) ?? []).filter((range) => rangeFault(range) === undefined),
    );
    const found = await examined(parts, spec, whites);
    for (const { file, fault } of found.broken) if (!faults.has(file.name)) faults.set(file.name, fault);
    const byName = [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
    const broken = byName.flatMap((file) => {
      const fault = faults.get(file.name);
      return fault === undefined ? [] : [{ file, fault }];
    });
    if (broken.length > 0) {
      if (!skipBroken) requireWhole(broken, all.length);
      left.push(...broken);
      continue;
    }
    const complete: DataSpec = { ...spec, whites };
    const data = dataSetOf(complete, {
      classes: parts.folder.classes,
      training: found.training,
      split: parts.split,
    });
    const counts = countsOf(
      data,
      parts.test.map(({ label }) => label),
    );
    return {
      ...{ spec: complete, data, counts, broken: left },
      warnings: [
        ...listingWarnings(parts),
        ...fileWarnings(found.damaged, whites),
        ...classWarnings(counts),
        ...pixelWarnings(data),
      ],
    };
  }
}

/** Reads headers that were not read yet. */
async function headerFaults(
  files: readonly ImageFile[],
  known: Map<string, Header>,
): Promise<Map<string, string>> {
  const reader = await pictureReader();
  await eachOf(
    files.filter(({ path }) => !known.has(path)),
    32,
    async ({ path }) => {
      known.set(path, await reader.header(path));
    },
  );
  return new Map(
    files.flatMap(({ path, name }) => {
      const fault = known.get(path)?.fault;
      return fault === undefined ? [] : [[name, fault] as const];
    }),
  );
}

async function readRanges(
  files: readonly ImageFile[],
  headers: ReadonlyMap<string, Header>,
  known: Map<string, DeepRange | undefined>,
): Promise<void> {
  const reader = await pictureReader();
  await eachOf(
    files.filter(({ path }) => !known.has(path) && headers.get(path)?.deep === true),
    4,
    async ({ path }) => {
      known.set(path, await reader.range(path));
    },
  );
}

function whitesOf(ranges: readonly DeepRange[]): Whites {
  const most = new Map<string, number>();
  for (const range of ranges) most.set(range.depth, Math.max(most.get(range.depth) ?? 0, range.most));
  return Object.fromEntries(
    [...most].sort().flatMap(([depth, value]) => {
      const white = whiteOf(depth, value);
      return white === undefined ? [] : [[depth, white]];
    }),
  );
}

interface Examined {
  readonly training: Examples;
  readonly broken: readonly BrokenPicture[];
  readonly damaged: readonly ImageFile[];
}

async function examined(parts: ImageParts, spec: DataSpec, whites: Whites): Promise<Examined> {
  const size = spec.size ?? defaultImageSize;
  const training = await examineImages(parts.training, size, whites);
  const test = await examineImages(parts.test, size, whites, false);
  if (training.examples === undefined) throw new TypeError('pixels were asked for');
  return {
    training: training.examples,
    broken: [...training.broken, ...test.broken],
    damaged: [...training.damaged, ...test.damaged],
  };
}

function countsOf({ classes, training, split }: DataSet, test: ArrayLike<number>): readonly ClassCounts[] {
  const of = (labels: ArrayLike<number>): readonly number[] =>
    rowsByClass(labels, classes.length).map((rows) => rows.length);
  const labelsOf = (rows: Int32Array): readonly number[] =>
    Array.from(rows, (row) => training.labels[row] ?? -1);
  const [taught, held, tested] = [of(labelsOf(split.train)), of(labelsOf(split.validation)), of(test)];
  return classes.map((name, label) => ({
    name,
    training: taught[label] ?? 0,
    heldOut: held[label] ?? 0,
    test: tested[label] ?? 0,
  }));
}

function listingWarnings({ folder }: ImageParts): readonly string[] {
  const { passedOver, nested } = folder;
  return [
    ...(passedOver.length === 0 ? [] : [`passed over: ${passedOver.join(', ')}`]),
    ...(nested === 0
      ? []
      : [
          `${nested} ${nested === 1 ? 'picture lies' : 'pictures lie'} in sub-folders of their classes and ${nested === 1 ? 'is' : 'are'} used too`,
        ]),
  ];
}

/** Says which pictures were left out; undefined where none was. */
export function brokenWarning(broken: readonly BrokenPicture[]): string | undefined {
  if (broken.length === 0) return undefined;
  const texts = broken.map(({ file, fault }) => `${file.name} ${fault}`);
  return `${broken.length} broken picture${broken.length === 1 ? ' is' : 's are'} left out: ${listed(texts)}`;
}

function fileWarnings(damaged: readonly ImageFile[], whites: Whites): readonly string[] {
  return [
    ...(damaged.length === 0
      ? []
      : [
          `${damaged.length} damaged ${damaged.length === 1 ? 'picture was' : 'pictures were'} decoded anyway, as viewers do ` +
            `(end missing, stray bytes, last rows): ${listed(damaged.map(({ name }) => name).sort())}`,
        ]),
    ...Object.entries(whites).map(
      ([depth, white]) =>
        `pictures with samples of type ${depth} reach no higher than ${white}, which is taken for white`,
    ),
  ];
}

function classWarnings(counts: readonly ClassCounts[]): readonly string[] {
  const few = counts.filter(({ training, heldOut, test }) => training < 2 || heldOut < 1 || test < 1);
  if (few.length === 0) return [];
  return [
    `${few.length} of ${counts.length} classes have too few pictures for every part: ` +
      listed(
        few.map(
          ({ name, training, heldOut, test }) =>
            `${name} (${training} training, ${heldOut} held out, ${test} test)`,
        ),
      ),
  ];
}
