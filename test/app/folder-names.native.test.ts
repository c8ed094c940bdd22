import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { compareStudies } from '../../src/app/compare/studies.js';
import { exportTrial } from '../../src/app/export/phase.js';
import { pruneStudy } from '../../src/app/study/prune.js';
import { writeReport } from '../../src/app/report/report.js';
import { resumeSession } from '../../src/app/study/session.js';
import { readMeantStudy, requireNewStudy, specOf } from '../../src/app/study/studies.js';
import { viewOfStudy } from '../../src/app/report/view.js';
import { createRng } from '../../src/core/index.js';
import { buildNetwork, encodeWeights, initialWeights } from '../../src/network/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import { listStudies, readRunsFolder, type Trial, type TrialReader } from '../../src/trials/index.js';
import { writeStudy } from '../cli/studies.js';
import { fakeStudy, placesIn, temporaryFolder } from './samples.js';

let root: ReturnType<typeof temporaryFolder>;
let runs: string;
const at = (...parts: string[]): string => join(runs, ...parts);

/** Study alpha, and beta, a copy of it whose first trial's weights are others. */
beforeEach(() => {
  root = temporaryFolder();
  runs = join(root.path, 'runs');
  writeStudy(runs, fakeStudy({ study: 'alpha' }), 5, true);
  writeStudy(runs, fakeStudy({ study: 'other', seed: '2' }), 5, true);
  cpSync(at('alpha'), at('beta'), { recursive: true });
  using beta = readMeantStudy(placesIn(root.path), 'beta');
  const text = beta.trial(1)?.text ?? '';
  const network = buildNetwork(parseArchitecture(text));
  const bytes = encodeWeights(network, initialWeights(network, createRng('beta')), text);
  writeFileSync(at('beta', 'checkpoints', 'trial-1.weights'), bytes);
  return () => root[Symbol.dispose]();
});

const requested = { format: 'tfjs', out: null, dataFolder: null, verify: false, trial: 1 };

async function exported(study: string): Promise<string> {
  const places = placesIn(root.path);
  using reader = readMeantStudy(places, study);
  const { folder } = await exportTrial(places, reader, reader.trial(1)!, requested);
  return folder;
}

describe('a study in a renamed or copied folder', () => {
  it('is exported from its own checkpoints into its own exports', async () => {
    expect(await exported('beta')).toBe(at('beta', 'exports', 'trial-1', 'tfjs'));
    expect(listStudies(runs)).toEqual(['alpha', 'beta', 'other']);
    expect(() => readFileSync(at('alpha', 'exports'))).toThrow(/ENOENT/);
    const model = (folder: string) => readFileSync(join(folder, 'model.json'), 'utf8');
    const [own, original] = [await exported('beta'), await exported('alpha')];
    expect(JSON.parse(model(own))).toMatchObject({ userDefinedMetadata: { study: 'beta' } });
    const bin = (folder: string) => readFileSync(join(folder, 'group1-shard1of1.bin'));
    expect(bin(own).equals(bin(original))).toBe(false);
  });

  it('misses its own weights, even if the original has them, and says its own name', async () => {
    rmSync(at('beta', 'checkpoints'), { recursive: true });
    await expect(exported('beta')).rejects.toMatchObject({
      code: 'NAS_NO_WEIGHTS',
      found: expect.stringContaining(at('beta', 'checkpoints')) as string,
      fix: expect.stringContaining('--study beta') as string,
    });
  });

  it('has its own name everywhere: trials, views, comparisons, reports, specification', () => {
    renameSync(at('alpha'), at('gamma'));
    const places = placesIn(root.path);
    using beta = readMeantStudy(places, 'beta');
    using gamma = readMeantStudy(places, 'gamma');
    const names = (reader: TrialReader): readonly string[] => [
      reader.study.name,
      specOf(reader).study,
      viewOfStudy(reader).head.name,
      ...reader.rows().map(({ study }) => study),
      ...[...reader.trials()].map(({ study }: Trial) => study),
      ...reader.frontier().map(({ study }) => study),
    ];
    expect(new Set(names(beta))).toEqual(new Set(['beta']));
    expect(new Set(names(gamma))).toEqual(new Set(['gamma']));
    expect(compareStudies(beta, gamma)).toMatchObject({ a: { study: 'beta' }, b: { study: 'gamma' } });
    const file = writeReport(places, beta, null);
    expect(file).toMatchObject({ file: at('beta', 'exports', 'report.html') });
  });

  it('is resumed and pruned in its own folder', async () => {
    const places = placesIn(root.path);
    const session = await resumeSession('beta', { places, signal: new AbortController().signal });
    expect([session.folder, session.spec.study]).toEqual([at('beta'), 'beta']);
    session.store.note('mark', 1);
    await session[Symbol.asyncDispose]();
    pruneStudy(places, { study: 'beta', dryRun: false });
    using alpha = readMeantStudy(places, 'alpha');
    expect([alpha.noted('mark'), alpha.noted('pruned')]).toEqual([undefined, undefined]);
  });
});

describe('what else lies in a runs folder', () => {
  it('is skipped with a reason, and its name is not taken for a new study', () => {
    cpSync(at('alpha'), at('beta (copy)'), { recursive: true });
    symlinkSync(at('alpha'), at('link'));
    symlinkSync(at('nowhere'), at('dangling'));
    mkdirSync(at('empty'));
    mkdirSync(at('.cache'));
    writeFileSync(at('notes.txt'), '');
    const { studies, skipped } = readRunsFolder(runs);
    expect(studies).toEqual(['alpha', 'beta', 'other']);
    expect(skipped.map(({ name, because }) => [name, because])).toEqual([
      ['beta (copy)', 'name'],
      ['dangling', 'link'],
      ['empty', 'no database'],
      ['link', 'link'],
      ['notes.txt', 'not a folder'],
    ]);
    const places = placesIn(root.path);
    for (const name of ['link', 'notes.txt', 'empty'])
      expect(() => readMeantStudy(places, name)).toThrow(
        expect.objectContaining({
          code: 'NAS_STUDY_MISSING',
          found: expect.stringContaining(at(name)) as string,
        }),
      );
    for (const name of ['link', 'dangling', 'notes.txt'])
      expect(() => requireNewStudy(places, name)).toThrow(
        expect.objectContaining({ code: 'NAS_NOT_WRITABLE' }),
      );
    expect(() => requireNewStudy(places, 'empty')).not.toThrow();
  });
});
