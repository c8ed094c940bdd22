import { expect, it } from 'vitest';
import { join } from 'node:path';
import { openStudy } from '../../src/trials/index.js';
import { done } from '../../src/testing/index.js';
import { emptyFolder, nas } from './nas.js';
import { writeStudy } from './studies.js';

it(
  'nas studies shows the result on the test set before the best of the search',
  { timeout: 120_000 },
  async () => {
    using folder = emptyFolder();
    writeStudy(join(folder.path, 'runs'));
    {
      using store = openStudy(join(folder.path, 'runs/demo'));
      const parent = store.rows({ states: ['done'] })[0]!;
      const { text, params, madds } = parent;
      const [begun] = store.begin(
        [{ kind: 'retrain', parent: parent.trial, genome: null, text, params, madds, seed: '1', note: null }],
        null,
      );
      store.finish(begun!.id, done(0.925, 4.5), null, null);
    }
    const [table, json] = await Promise.all([
      nas(['studies'], { cwd: folder.path }),
      nas(['studies', '--json'], { cwd: folder.path }),
    ]);
    const [header, , line] = table.stdout.split('\n');
    expect(header!.indexOf('test set')).toBeLessThan(header!.indexOf('proxy best'));
    expect(line).toMatch(/92\.50 % +4\.50 ms, misses/);
    expect(json.stdout).toMatch(/"testAccuracy": ?0\.925/);
    expect(json.stdout).toMatch(/"meetsTarget": ?false/);
  },
);
