import { readFileSync, rmSync, truncateSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStudy, readStudy } from '../../src/trials/index.js';
import { emptyFolder, listing, nas } from './nas.js';
import { writeStudy } from './studies.js';

describe('nas repair', () => {
  it(
    'saves what can be read next to the damaged study, which stays unchanged',
    { timeout: 180_000 },
    async () => {
      using place = emptyFolder();
      const cwd = place.path;
      const run = (...words: string[]) => nas(words, { cwd });
      writeStudy(join(cwd, 'runs'), undefined, 5, true);
      {
        using store = openStudy(join(cwd, 'runs/demo'));
        const { id: _, ...trial } = store.trial(1)!;
        for (let i = 0; i < 60; i++) store.begin([{ ...trial, seed: `x${i}`.repeat(40) }], null);
      }
      const whole = await run('repair', 'demo');
      expect(whole).toEqual({ code: 0, stderr: '', stdout: 'study demo is whole; nothing was written\n' });
      expect(listing(join(cwd, 'runs')).filter((path) => !path.includes('/'))).toEqual(['demo']);

      const file = join(cwd, 'runs/demo/trials.sqlite');
      truncateSync(file, Math.floor(statSync(file).size * 0.7));
      const before = readFileSync(file);
      const [listed, resumed] = await Promise.all([
        run('trials', 'demo'),
        run('search', '--resume', '--study', 'demo'),
      ]);
      for (const { code, stdout, stderr } of [listed, resumed]) {
        expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
        expect(stderr).toMatch(/^error: .*fix: nas repair STUDY .*\[NAS_STUDY_DAMAGED\]\n$/);
      }
      const repaired = await run('repair', 'demo');
      expect(repaired).toMatchObject({ code: 0, stderr: '' });
      const [, saved, least, lost] =
        /^(\d+) of at least (\d+) trials saved as study demo-repaired, (\d+) lost$/m.exec(repaired.stdout) ??
        [];
      expect(Number(saved) + Number(lost)).toBe(Number(least));
      expect(Number(saved)).toBeGreaterThan(5);
      expect(repaired.stdout).toMatch(
        /^settings: saved\n(.*\n)*weights: 1 of the 1 files that saved trials name are there; copied\n/m,
      );
      expect(readFileSync(file).equals(before)).toBe(true);
      using reader = readStudy(join(cwd, 'runs/demo-repaired'));
      expect(reader.count()).toBe(Number(saved));
      expect(reader.study.spec).toMatchObject({ study: 'demo-repaired' });
      const weights = 'checkpoints/trial-1.weights';
      expect(readFileSync(join(cwd, 'runs/demo-repaired', weights))).toEqual(
        readFileSync(join(cwd, 'runs/demo', weights)),
      );
      const again = await run('repair', 'demo', '--json');
      expect(JSON.parse(again.stdout)).toMatchObject({
        ...{
          study: 'demo',
          into: 'demo-repaired-2',
          saved: Number(saved),
          lost: Number(lost),
          settings: true,
        },
      });
      expect((await run('trials', 'demo-repaired', '--csv')).code).toBe(0);
    },
  );

  it.each([
    ['NAS_STUDY_MISSING', 'none', []],
    ['NAS_BAD_STUDY_NAME', '../demo', []],
    ['NAS_BAD_STUDY_NAME', 'demo', ['--to', '../x']],
    ['NAS_STUDY_EXISTS', 'demo', ['--to', 'demo']],
    ['NAS_NOTHING_TO_SAVE', 'demo', []],
  ])('%s in one line', async (code, study, words) => {
    using place = emptyFolder();
    writeStudy(join(place.path, 'runs'));
    rmSync(join(place.path, 'runs/demo/trials.lock'));
    writeFileSync(join(place.path, 'runs/demo/trials.sqlite'), 'no database'.repeat(1000));
    const answer = await nas(['repair', study, ...words], { cwd: place.path });
    expect(answer).toMatchObject({ code: 2, stdout: '' });
    expect(answer.stderr).toMatch(new RegExp(`^error: .*\\[${code}\\]\\n$`));
    expect(listing(join(place.path, 'runs'))).toEqual(['demo', 'demo/trials.sqlite']);
  });
});
