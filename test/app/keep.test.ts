import { describe, expect, it } from 'vitest';
import { noteKeep, storedSpec } from '../../src/app/study/keep.js';
import { checkSpec } from '../../src/app/study/spec.js';
import { resumedSpec } from '../../src/cli/resumed-spec.js';
import type { Json } from '../../src/core/index.js';
import { STUDY } from '../../src/testing/index.js';
import { createMemoryStore } from '../../src/trials/index.js';
import { fakeStudy } from './samples.js';

const studyOf = (spec: object) => createMemoryStore({ ...STUDY, spec: spec as Json });

describe('which weights a study keeps', () => {
  it('is the frontier, unless all are asked for', () => {
    expect(fakeStudy().keep).toBe('frontier');
    expect(fakeStudy({ keep: 'all' }).keep).toBe('all');
    expect(() => checkSpec({ ...fakeStudy(), keep: 'some' })).toThrow(/keep/);
  });

  it('is not in a study of an earlier version, which keeps all and takes --keep when it is resumed', () => {
    const { keep: _, ...earlier } = fakeStudy();
    const store = studyOf(earlier);
    expect(storedSpec(store).keep).toBeUndefined();
    expect(resumedSpec(storedSpec(store), {}).keep).toBeUndefined();
    expect(resumedSpec(storedSpec(store), { keep: 'frontier' }).keep).toBe('frontier');
  });

  it('is what was last asked for: a resumed search without --keep drops nothing that the last one kept', () => {
    const store = studyOf(fakeStudy());
    for (const keep of ['all', 'frontier', 'all'] as const) {
      noteKeep(store, checkSpec(resumedSpec(storedSpec(store), { keep })));
      expect(storedSpec(store).keep).toBe(keep);
    }
  });
});
