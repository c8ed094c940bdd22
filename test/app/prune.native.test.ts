import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pruneStudy } from '../../src/app/study/prune.js';
import { weightsFile } from '../../src/app/study/weights.js';
import { ms, ratio, type Json } from '../../src/core/index.js';
import {
  createStudy,
  openStudy,
  readStudy,
  type LatencyRecord,
  type TrialKind,
  type TrialStore,
} from '../../src/trials/index.js';
import { fakeStudy, placesIn, temporaryFolder } from './samples.js';

const TEXT = 'nas1:28x28x1 cn_k3_s1_c8_re gap fc_c10_id';

const latency = (medianMs: number, fingerprint = 'f'): LatencyRecord => ({
  source: 'measured',
  platform: 'fake',
  fingerprint,
  samplesMs: [medianMs],
  medianMs: ms(medianMs),
  madMs: 0,
  p90Ms: ms(medianMs),
  lowMs: medianMs,
  highMs: medianMs,
  runs: 1,
  batch: 1,
});

interface Sample {
  readonly kind?: TrialKind;
  readonly parent?: number | null;
  readonly accuracy: number | null;
  readonly latencyMs: number;
  readonly device?: string;
  readonly note?: Json;
  readonly text?: string;
}

/** A study of these trials, each with a checkpoint of as many bytes as its number; `accuracy` null: unfinished. */
function studyOf(folder: string, samples: readonly Sample[], notes: Readonly<Record<string, Json>> = {}) {
  const places = placesIn(folder);
  const home = join(places.runs, 'demo');
  const spec = fakeStudy({ targetMs: 4 });
  const store = createStudy(home, {
    ...{ name: 'demo', spec, spaceDigest: 'd', seed: '1', environment: {} },
  });
  mkdirSync(join(home, 'checkpoints'));
  for (const [
    index,
    { kind = 'sample', parent = null, accuracy, latencyMs, note = null, text, device },
  ] of samples.entries()) {
    const id = index + 1;
    const counts = { params: 1, madds: 1, seed: `1/${id}` };
    store.begin([{ kind, parent, genome: null, text: text ?? TEXT, ...counts, note }], null);
    const checkpoint = `trial-${id}.weights`;
    writeFileSync(join(home, 'checkpoints', checkpoint), Buffer.alloc(id));
    if (accuracy === null) continue;
    const facts = { latency: latency(latencyMs, device), curve: [], seconds: 1, checkpoint };
    store.finish(id, { state: 'done', accuracy: ratio(accuracy), ...facts }, null, null);
  }
  for (const [key, value] of Object.entries(notes)) store.note(key, value);
  return { places, home, store };
}

const files = (home: string): readonly string[] => readdirSync(join(home, 'checkpoints')).sort();
const close = (store: TrialStore): void => store[Symbol.dispose]();

describe('pruneStudy', () => {
  const samples: readonly Sample[] = [
    { accuracy: 0.6, latencyMs: 1 },
    { accuracy: 0.5, latencyMs: 2 },
    { accuracy: 0.8, latencyMs: 3 },
    { accuracy: 0.7, latencyMs: 3.5 },
    { accuracy: 0.9, latencyMs: 8 },
    { accuracy: 0.85, latencyMs: 9 },
    { kind: 'retrain', parent: 4, accuracy: 0.2, latencyMs: 3.5 },
  ];

  it('keeps the frontier, the best and what was retrained, and says how much went', () => {
    using folder = temporaryFolder();
    const { places, home, store } = studyOf(folder.path, samples);
    close(store);
    const dry = pruneStudy(places, { study: 'demo', dryRun: true });
    expect(files(home)).toHaveLength(7);
    const wet = pruneStudy(places, { study: 'demo', dryRun: false });
    expect({ ...wet, dryRun: true }).toEqual(dry);
    expect(wet).toMatchObject({
      dropped: { files: 3, bytes: 2 + 4 + 6 },
      kept: { files: 4, bytes: 1 + 3 + 5 + 7 },
      reasons: { frontier: 3, best: 1, retrained: 1, 'in use': 0 },
    });
    expect(files(home)).toEqual([1, 3, 5, 7].map((id) => `trial-${id}.weights`));
    expect(pruneStudy(places, { study: 'demo', dryRun: false }).dropped).toEqual({ files: 0, bytes: 0 });
  });

  it('leaves the trials unchanged, and says of a dropped one what happened to its weights', () => {
    using folder = temporaryFolder();
    const { places, home, store } = studyOf(folder.path, samples);
    const before = store.rows();
    close(store);
    pruneStudy(places, { study: 'demo', dryRun: false });
    using reader = readStudy(home);
    expect(reader.rows()).toEqual(before);
    expect(weightsFile(home, reader, 'trial-1.weights', 1)).toBe(join(home, 'checkpoints/trial-1.weights'));
    expect(() => weightsFile(home, reader, 'trial-2.weights', 2)).toThrow(
      /weights of trial 2 were dropped by nas prune on \d{4}-\d\d-\d\d.*nas retrain 2 --study demo/,
    );
    expect(() => weightsFile(home, reader, 'trial-99.weights', 99)).toThrow(/trial 99 .*are missing/);
  });

  it('is refused while the study is written; a dry run is not', () => {
    using folder = temporaryFolder();
    const { places, home, store } = studyOf(folder.path, samples);
    expect(() => pruneStudy(places, { study: 'demo', dryRun: false })).toThrow(/process \d+/);
    expect(pruneStudy(places, { study: 'demo', dryRun: true }).dropped.files).toBe(3);
    expect(files(home)).toHaveLength(7);
    close(store);
  });

  it('lets go of the lock', () => {
    using folder = temporaryFolder();
    const { places, home, store } = studyOf(folder.path, samples);
    close(store);
    pruneStudy(places, { study: 'demo', dryRun: false });
    close(openStudy(home));
  });

  it('touches nothing but plain files with the names of checkpoints', () => {
    using folder = temporaryFolder();
    const { places, home, store } = studyOf(folder.path, samples);
    close(store);
    const at = (name: string) => join(home, 'checkpoints', name);
    writeFileSync(join(folder.path, 'precious'), 'x');
    for (const name of ['mine.weights', 'trial-2.weights.bak', 'trial-x.weights'])
      writeFileSync(at(name), 'x');
    writeFileSync(at('.trial-2.weights.partial'), 'half');
    mkdirSync(at('trial-300.weights'));
    symlinkSync(join(folder.path, 'precious'), at('trial-301.weights'));
    expect(pruneStudy(places, { study: 'demo', dryRun: false }).dropped).toEqual({ files: 4, bytes: 12 + 4 });
    for (const name of ['mine.weights', 'trial-2.weights.bak', 'trial-x.weights'])
      expect(existsSync(at(name)), name).toBe(true);
    expect(existsSync(at('.trial-2.weights.partial'))).toBe(false);
    expect(statSync(at('trial-300.weights')).isDirectory()).toBe(true);
    expect(existsSync(join(folder.path, 'precious'))).toBe(true);
  });

  it('keeps the training state of what is unfinished, and drops other ones and half-written files', () => {
    using folder = temporaryFolder();
    const { places, home, store } = studyOf(folder.path, [
      { accuracy: 0.6, latencyMs: 1 },
      { accuracy: null, latencyMs: 1 },
    ]);
    close(store);
    const write = (name: string) => writeFileSync(join(home, 'checkpoints', name), 'x');
    for (const name of ['trial-1.training', 'trial-2.training', '.trial-2.training.77.partial']) write(name);
    const { reasons } = pruneStudy(places, { study: 'demo', dryRun: false });
    expect(files(home)).toEqual(['trial-1.weights', 'trial-2.training']);
    expect(reasons['in use']).toBe(1);
    using reader = readStudy(home);
    expect(reader.noted('pruned')).toMatchObject({ files: ['trial-2.weights'] });
  });

  it('drops half-written files as they are really named, but none whose writer runs', () => {
    using folder = temporaryFolder();
    const { places, home, store } = studyOf(folder.path, samples);
    close(store);
    // Above the largest number that Linux gives a process.
    const ended = 2 ** 22 + 1;
    const half = (kind: string, pid: number) => `.trial-9.${kind}.${pid}-1.partial`;
    // The last one as earlier versions named it.
    const stale = [half('weights', ended), half('training', ended), `.trial-9.weights.${ended}.partial`];
    const running = [half('weights', process.pid), half('training', process.pid)];
    for (const name of [...stale, ...running]) writeFileSync(join(home, 'checkpoints', name), 'half');
    expect(pruneStudy(places, { study: 'demo', dryRun: true }).dropped.files).toBe(3 + 3);
    pruneStudy(places, { study: 'demo', dryRun: false });
    for (const name of stale) expect(existsSync(join(home, 'checkpoints', name)), name).toBe(false);
    for (const name of running) expect(existsSync(join(home, 'checkpoints', name)), name).toBe(true);
  });

  it('keeps what is best on each device that the study has latencies of', () => {
    using folder = temporaryFolder();
    const { places, home, store } = studyOf(folder.path, [
      { accuracy: 0.9, latencyMs: 3, device: 'former' },
      { accuracy: 0.7, latencyMs: 3, device: 'former' },
      { accuracy: 0.6, latencyMs: 2, device: 'former' },
      { accuracy: 0.5, latencyMs: 3 },
      { accuracy: 0.4, latencyMs: 3 },
    ]);
    close(store);
    pruneStudy(places, { study: 'demo', dryRun: false });
    expect(files(home)).toEqual([1, 3, 4].map((id) => `trial-${id}.weights`));
  });

  it('keeps the sample that NetAdapt starts from, also where a shrunk network beats it', () => {
    using folder = temporaryFolder();
    const { places, home, store } = studyOf(folder.path, [
      { accuracy: 0.9, latencyMs: 3 },
      { accuracy: 0.7, latencyMs: 2 },
      { accuracy: 0.6, latencyMs: 2.5 },
      { kind: 'netadapt', parent: 1, accuracy: 0.95, latencyMs: 1 },
    ]);
    close(store);
    pruneStudy(places, { study: 'demo', dryRun: false });
    expect(files(home)).toEqual([1, 2, 4].map((id) => `trial-${id}.weights`));
  });

  it('does nothing where there is no checkpoint at all', () => {
    using folder = temporaryFolder();
    const { places, store } = studyOf(folder.path, []);
    close(store);
    expect(pruneStudy(places, { study: 'demo', dryRun: false }).dropped).toEqual({ files: 0, bytes: 0 });
  });

  describe('with NetAdapt', () => {
    // 1 is the frontier and the best; 2 is shrunk to 3, whose step has tried 4 and not yet 5.
    const lineage: readonly Sample[] = [
      { accuracy: 0.95, latencyMs: 0.5 },
      { accuracy: 0.9, latencyMs: 6 },
      { kind: 'netadapt', parent: 2, accuracy: 0.89, latencyMs: 5, note: { targetMs: 3 } },
      { kind: 'proposal', parent: 3, accuracy: 0.88, latencyMs: 4, note: { targetMs: 3 }, text: `${TEXT} ` },
      { kind: 'proposal', parent: 2, accuracy: 0.8, latencyMs: 4, note: { targetMs: 3 } },
    ];
    const step = { step: 1, trial: 3, proposal: 5, dimension: 'expansion:1', from: 64, to: 56 };
    const measured = { fromMs: 6, toMs: 5, accuracyChange: -0.01, tried: 1 };
    const state = (pending: Json, toMs = 5): Json => ({
      version: 1,
      seedMs: 6,
      accepted: [{ ...step, ...measured, toMs }],
      curves: [],
      pending,
    });
    const candidate = {
      dimension: { kind: 'expansion', blocks: [1], width: 64 },
      to: 48,
      text: `${TEXT} `,
      before: { medianMs: 5, lowMs: 5, highMs: 5 },
      after: { medianMs: 4, lowMs: 4, highMs: 4 },
      record: latency(4),
      presentMs: [5],
    } as unknown as Json;

    it('keeps what a running refinement needs: its latest network and the proposals of its step', () => {
      using folder = temporaryFolder();
      const { places, home, store } = studyOf(folder.path, lineage, { 'netadapt/2/3': state([candidate]) });
      close(store);
      expect(pruneStudy(places, { study: 'demo', dryRun: false }).reasons['in use']).toBe(2);
      expect(files(home)).toEqual([1, 3, 4].map((id) => `trial-${id}.weights`));
    });

    it('keeps none of a refinement that has met its target', () => {
      using folder = temporaryFolder();
      const { places, home, store } = studyOf(folder.path, lineage, { 'netadapt/2/3': state(null, 2.9) });
      close(store);
      pruneStudy(places, { study: 'demo', dryRun: false });
      expect(files(home)).toEqual(['trial-1.weights']);
    });

    it('keeps the parent of what is unfinished, regardless of the notes', () => {
      using folder = temporaryFolder();
      const running: Sample = { kind: 'proposal', parent: 3, accuracy: null, latencyMs: 4 };
      const { places, home, store } = studyOf(folder.path, [...lineage, running]);
      close(store);
      pruneStudy(places, { study: 'demo', dryRun: false });
      expect(files(home)).toEqual([1, 3].map((id) => `trial-${id}.weights`));
    });
  });
});
