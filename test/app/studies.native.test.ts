import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  meantStudy,
  newestStudy,
  readMeantStudy,
  requireNewStudy,
  specOf,
  studyFolder,
} from '../../src/app/study/studies.js';
import { writeStudy } from '../cli/studies.js';
import { fakeStudy, placesIn, temporaryFolder } from './samples.js';

describe('studies', () => {
  it('are none where there is no runs folder', () => {
    using folder = temporaryFolder();
    const places = placesIn(folder.path);
    expect(newestStudy(places)).toBeUndefined();
    expect(() => meantStudy(places, undefined)).toThrow(/no study in .*nas search --study NAME/);
    expect(() => meantStudy(places, 'demo')).toThrow(/no study demo/);
  });

  it('not named, the one written last is meant', () => {
    using folder = temporaryFolder();
    const places = placesIn(folder.path);
    for (const study of ['b', 'a', 'c']) writeStudy(places.runs, fakeStudy({ study }));
    const written = { a: 3000, b: 2000, c: 1000 };
    for (const [study, time] of Object.entries(written)) {
      utimesSync(join(places.runs, study, 'trials.sqlite'), time, time);
    }
    mkdirSync(join(places.runs, 'no-study'));
    writeFileSync(join(places.runs, 'file'), '');
    expect(newestStudy(places)).toBe('a');
    // What a running search has written last stands next to the database.
    writeFileSync(join(places.runs, 'c/trials.sqlite-wal'), '');
    expect(newestStudy(places)).toBe('c');
  });

  it('are found by name; a name nearly right is corrected', () => {
    using folder = temporaryFolder();
    const places = placesIn(folder.path);
    writeStudy(places.runs);
    expect(meantStudy(places, 'demo')).toBe('demo');
    expect(() => meantStudy(places, 'demmo')).toThrow(/expected one of demo\. fix: did you mean demo\?/);
    using reader = readMeantStudy(places, undefined);
    expect(specOf(reader)).toEqual(fakeStudy());
  });

  it('lie below the runs folder only', () => {
    using folder = temporaryFolder();
    const places = placesIn(folder.path);
    writeStudy(folder.path, fakeStudy({ study: 'outside' }));
    for (const name of [
      '../outside',
      '..',
      '.',
      '',
      'a/b',
      'a\\b',
      '/etc',
      '.hidden',
      'x'.repeat(65),
      'a\0',
      'ä',
    ]) {
      expect(() => studyFolder(places, name), name).toThrow(/study name/);
      expect(() => meantStudy(places, name), name).toThrow(/study name|no study/);
    }
  });

  it('are new only when their name is free', () => {
    using folder = temporaryFolder();
    const places = placesIn(folder.path);
    requireNewStudy(places, 'demo');
    writeStudy(places.runs);
    expect(() => requireNewStudy(places, 'demo')).toThrow(/demo exists already/);
    requireNewStudy(places, 'demo-2');
  });
});
