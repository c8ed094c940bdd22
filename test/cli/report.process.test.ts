import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fakeStudy } from '../app/samples.js';
import { emptyFolder, listing, nas } from './nas.js';
import { writeStudy } from './studies.js';

interface Report {
  readonly study: { readonly head: { readonly name: string }; readonly frontier: readonly number[] };
  readonly trials: Readonly<Record<string, unknown>>;
}

describe('nas report', () => {
  it('writes one file into the exports of the study and says where', async () => {
    using folder = emptyFolder();
    writeStudy(join(folder.path, 'runs'));
    const { study } = fakeStudy();
    const { code, stdout, stderr } = await nas(['report', study], { cwd: folder.path });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const file = join(folder.path, 'runs', study, 'exports', 'report.html');
    expect(stdout).toMatch(/^report: .*exports\/report\.html \(.* [KM]iB\)\n$/);
    const html = readFileSync(file, 'utf8');
    expect(html.startsWith('<!doctype html>')).toBe(true);
    const again = await nas(['report', study], { cwd: folder.path });
    expect(again.code).toBe(0);
    expect(listing(join(folder.path, 'runs', study, 'exports'))).toEqual(['report.html']);
    const json = await nas(['report', study, '--json'], { cwd: folder.path });
    const report = JSON.parse(json.stdout) as Report;
    expect(report.study.head.name).toBe(study);
    expect(Object.keys(report.trials)).toEqual(['1', '2', '3', '4', '5']);
    for (const trial of report.study.frontier) expect(html).toContain(`<th scope="row">${trial}</th>`);
    expect(report.study.frontier.length).toBeGreaterThan(0);
  });

  it('writes where asked, and says in one line where it cannot', async () => {
    using folder = emptyFolder();
    writeStudy(join(folder.path, 'runs'));
    const out = join(folder.path, 'there', 'mine.html');
    expect((await nas(['report', '--out', out], { cwd: folder.path })).code).toBe(0);
    expect(existsSync(out)).toBe(true);
    mkdirSync(join(folder.path, 'taken'));
    writeFileSync(join(folder.path, 'file'), '');
    for (const wrong of ['taken', 'file/report.html']) {
      const { code, stderr } = await nas(['report', '--out', wrong], { cwd: folder.path });
      expect(code).toBe(2);
      expect(stderr).toMatch(/^error: cannot write .*\[NAS_NOT_WRITABLE\]\n$/);
    }
    expect(listing(folder.path).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it.each(['<img src=x onerror=alert(1)>', '../../x', "x'; DROP TABLE trial", '.', 'a/b'])(
    'refuses a study called %j and writes nothing',
    async (name) => {
      using folder = emptyFolder();
      writeStudy(join(folder.path, 'runs'));
      const before = listing(folder.path);
      const { code, stdout, stderr } = await nas(['report', name], { cwd: folder.path });
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^error: .*\[NAS_BAD_STUDY_NAME\]\n$/);
      expect(listing(folder.path)).toEqual(before);
    },
  );
});
