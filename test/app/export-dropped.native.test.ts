import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exportTrial } from '../../src/app/export/phase.js';
import { readMeantStudy } from '../../src/app/study/studies.js';
import { openStudy } from '../../src/trials/index.js';
import { notePruned } from '../../src/app/study/weights.js';
import { writeStudy } from '../cli/studies.js';
import { fakeStudy, placesIn, temporaryFolder } from './samples.js';

it('a trial whose weights were dropped, or never kept, is exported as JSON', async () => {
  using folder = temporaryFolder();
  const places = placesIn(folder.path);
  writeStudy(places.runs, fakeStudy(), 5, true);
  const wanted = (trial: number, format: string, out: string) => {
    using reader = readMeantStudy(places, 'demo');
    return exportTrial(places, reader, reader.trial(trial)!, {
      ...{ trial, format, out: join(folder.path, out), dataFolder: null, verify: true },
    });
  };
  const before = await wanted(1, 'json', 'before');
  const home = join(places.runs, 'demo');
  rmSync(join(home, 'checkpoints', 'trial-1.weights'));
  const store = openStudy(home);
  notePruned(store, { at: 0, files: ['trial-1.weights'] });
  store[Symbol.dispose]();
  const after = await wanted(1, 'json', 'after');
  expect(after).toMatchObject({ verified: null, difference: null });
  expect(readFileSync(after.files[0]!, 'utf8')).toBe(readFileSync(before.files[0]!, 'utf8'));
  expect(await wanted(2, 'json', 'second')).toMatchObject({ files: [expect.any(String)] });
  await expect(wanted(1, 'tfjs', 'tfjs')).rejects.toMatchObject({ code: 'NAS_WEIGHTS_PRUNED' });
  await expect(wanted(2, 'onnx', 'onnx')).rejects.toMatchObject({ code: 'NAS_NO_WEIGHTS' });
});
