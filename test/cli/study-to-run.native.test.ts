import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { studyToRun } from '../../src/cli/study-to-run.js';
import { fakeStudy, placesIn, temporaryFolder } from '../app/samples.js';
import { openStudy } from '../../src/trials/index.js';
import { ratio, type Json } from '../../src/core/index.js';
import { fullRecord } from '../trials/full-record.js';
import { writeStudy } from './studies.js';

describe('the study that nas start works on', () => {
  it('is the latest whole run that did not export, under any name', () => {
    using folder = temporaryFolder();
    const where = placesIn(folder.path);
    const note = (study: string, key: string, value: Json): void => {
      using store = openStudy(join(where.runs, study));
      store.note(key, value);
    };
    const retrain = (study: string): void => {
      using store = openStudy(join(where.runs, study));
      const [trial] = store.begin(
        [
          {
            ...{ kind: 'retrain', parent: 1, genome: null, text: 't', params: 1, madds: 1, seed: 's' },
            note: null,
          },
        ],
        null,
      );
      const rest = { curve: [], seconds: 1, checkpoint: null };
      const outcome = { state: 'done', accuracy: ratio(0.5), latency: fullRecord, ...rest } as const;
      store.finish(trial?.id ?? 0, outcome, null, null);
    };
    expect(studyToRun(where, undefined)).toEqual({ study: 'start-1', resumes: false, next: 'start-1' });

    writeStudy(where.runs, fakeStudy({ study: 'flowers' }), 1);
    expect(studyToRun(where, undefined)).toEqual({ study: 'start-1', resumes: false, next: 'start-1' });
    note('flowers', 'run.seconds', 12);
    expect(studyToRun(where, undefined)).toEqual({ study: 'flowers', resumes: true, next: 'start-1' });
    // Noted by an older version although the final training had failed.
    note('flowers', 'run.finished', true);
    expect(studyToRun(where, undefined)).toEqual({ study: 'flowers', resumes: true, next: 'start-1' });
    retrain('flowers');
    expect(studyToRun(where, undefined)).toEqual({ study: 'start-1', resumes: false, next: 'start-1' });
    expect(studyToRun(where, 'flowers')).toEqual({ study: 'flowers', resumes: true, next: 'start-1' });
    expect(studyToRun(where, 'roses')).toEqual({ study: 'roses', resumes: false, next: 'start-1' });
  });
});
