import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginStudy, prepareStudy } from '../../src/app/study/prepare.js';
import { searchPhase } from '../../src/app/search/phase.js';
import { viewOfStudy, viewOfTrial } from '../../src/app/report/view.js';
import type { PoolView, StudyView, TrialView } from '../../src/report/index.js';
import { readStudy, type TrialRow } from '../../src/trials/index.js';
import { writePictures } from './pictures.js';
import { placesIn, temporaryFolder } from './samples.js';

describe('the view of a study that is searched', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  const during: (PoolView | null)[] = [];
  let view: StudyView;
  let trial: TrialView | undefined;
  let rows: readonly TrialRow[];

  beforeAll(async () => {
    folder = temporaryFolder();
    await writePictures(join(folder.path, 'pictures'), 28, 40);
    const prepared = await prepareStudy({
      study: 'seen',
      data: {
        name: `images:${join(folder.path, 'pictures')}`,
        folder: folder.path,
        heldOut: 0.2,
        size: 28,
        limit: null,
      },
      ...{
        space: 'mobilenetv3',
        targetMs: 9,
        gate: 100,
        strategy: 'ppo',
        trials: 6,
        mode: 'batch',
        scaled: [],
      },
      ...{ backend: 'fake', batch: 8, workers: 2, epochs: 2 },
    });
    await using session = await beginStudy(prepared, {
      places: placesIn(folder.path),
      signal: new AbortController().signal,
    });
    using reader = readStudy(session.folder);
    await searchPhase(session, (event) => {
      if (event.phase === 'search' && event.event.kind === 'finished') during.push(viewOfStudy(reader).pool);
    });
    view = viewOfStudy(reader);
    trial = viewOfTrial(reader, 1);
    rows = reader.rows();
  }, 120_000);

  afterAll(() => {
    folder[Symbol.dispose]();
  });

  it('reports the workers while it runs, and none afterwards', () => {
    expect(during).toHaveLength(6);
    for (const pool of during) expect(pool).toMatchObject({ pid: process.pid, alive: true, phase: 'search' });
    expect(view.pool).toBeNull();
  });

  it('has the trials, the space, the settings and the controller from the store', () => {
    expect(view.points.accuracy).toEqual(rows.map((row) => row.accuracy));
    expect(view.head).toMatchObject({ name: 'seen', space: 'mobilenetv3', strategy: 'ppo' });
    expect(view.head.targets).toEqual([{ platform: 'tensorflow', targetMs: 9 }]);
    expect(new Map(view.head.settings).get('budget.trials')).toBe('6');
    expect(view.controller?.reported).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(view.controller?.choices.map(({ choice }) => choice)).toEqual(trial?.genome.map(([name]) => name));
    expect(view.choiceImportance).toHaveLength(trial?.genome.length ?? -1);
  });
});
