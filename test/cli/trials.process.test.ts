import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStudy } from '../../src/trials/index.js';
import { emptyFolder, nas, type Answer } from './nas.js';
import { writeStudy } from './studies.js';

const place = emptyFolder();
afterAll(() => {
  place[Symbol.dispose]();
});
beforeAll(() => {
  writeStudy(join(place.path, 'runs'));
});

const trials = (...words: string[]): Promise<Answer> => nas(['trials', ...words], { cwd: place.path });

describe('nas trials', () => {
  it('takes a condition, several sort columns and columns, as table, CSV and JSON', async () => {
    const where = ['--where', 'latencyMs < 4ms and accuracy > 60%'];
    const columns = ['--columns', 'trial,latencyMs,accuracy,state'];
    const [csv, json, table, sorted] = await Promise.all([
      trials(...where, ...columns, '--csv', '--sort', '-accuracy,latencyMs'),
      trials(...where, ...columns, '--json'),
      trials(...where, ...columns),
      trials('--sort', '-latencyMs,trial', '--desc', '--columns', 'trial', '--csv'),
    ]);
    expect(csv).toEqual({
      code: 0,
      stderr: '',
      stdout: 'trial,latencyMs,accuracy,state\r\n3,3,0.8,done\r\n2,2,0.7,done\r\n',
    });
    expect(JSON.parse(json.stdout)).toEqual([
      { trial: 2, latencyMs: 2, accuracy: 0.7, state: 'done' },
      { trial: 3, latencyMs: 3, accuracy: 0.8, state: 'done' },
    ]);
    expect(table.stdout.split('\n').map((line) => line.trim().split(/\s{2,}/))).toEqual([
      ['trial', 'latencyMs', 'accuracy', 'state'],
      expect.anything(),
      ['2', '2.000', '70.00 %', 'done'],
      ['3', '3.000', '80.00 %', 'done'],
      [''],
    ]);
    expect(sorted.stdout.trim().split('\r\n')).toEqual(['trial', '1', '2', '3', '4', '5']);
  });

  it('prints the header of an empty CSV and an empty list of JSON', async () => {
    const none = ['--where', 'trial > 99', '--columns', 'trial,text'];
    const [csv, json, table] = await Promise.all([
      trials(...none, '--csv'),
      trials(...none, '--json'),
      trials(...none),
    ]);
    expect([csv.stdout, json.stdout, table.stdout]).toEqual(['trial,text\r\n', '[]\n', 'no trials\n']);
  });

  it.each([
    [
      ['--where', 'latencyMs < '],
      /^error: --where: the end at character 13; expected .* \[NAS_BAD_WHERE\]\n$/,
    ],
    [
      ['--where', "x'; DROP TABLE trial --"],
      /^error: --where: a text from character 2 that does not end; .* \[NAS_BAD_WHERE\]\n$/,
    ],
    [['--sort', 'text'], /^error: option '--sort <columns>' argument 'text' is invalid. expected trial, /],
    [['--sort', 'accurcy'], /did you mean accuracy\?\n$/],
    [['--columns', 'trial,nothing'], /^error: .* expected trial, study, state/],
  ])('%j is one line and exit code 2', async (words, line) => {
    const { code, stdout, stderr } = await trials(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(line);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('lists the latest of many and says how many more there are', async () => {
    using many = emptyFolder();
    writeStudy(join(many.path, 'runs'), undefined, 5);
    {
      using store = openStudy(join(many.path, 'runs/demo'));
      const { id: _, ...trial } = store.trial(1)!;
      store.begin(
        Array.from({ length: 130 }, () => trial),
        null,
      );
    }
    const ids = ({ stdout }: Answer): number[] =>
      stdout.split('\n').flatMap((line) => (/^\s*\d+$/.test(line) ? [Number(line)] : []));
    const run = (...words: string[]) => nas(['trials', '--columns', 'trial', ...words], { cwd: many.path });
    const [latest, all, limited, sorted] = await Promise.all([
      run(),
      run('--all'),
      run('--limit', '3'),
      run('--sort', 'trial'),
    ]);
    expect(ids(latest)).toEqual(Array.from({ length: 100 }, (_, i) => i + 36));
    expect(latest.stderr).toMatch(/^35 earlier \(--all/);
    expect(ids(all)).toHaveLength(135);
    expect(ids(limited)).toEqual([1, 2, 3]);
    expect([all.stderr, limited.stderr]).toEqual(['', '']);
    expect(ids(sorted)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(sorted.stderr).toMatch(/^35 more/);
  });
});

describe('nas studies', () => {
  it('are printed as CSV', async () => {
    const { code, stdout } = await nas(['studies', '--csv'], { cwd: place.path });
    expect(code).toBe(0);
    const [header, line] = stdout.split('\r\n');
    expect(header).toBe(
      'study,data,space,targetMs,trials,testAccuracy,testLatencyMs,meetsTarget,accuracy,latencyMs,problem',
    );
    expect(line).toMatch(/^demo,.*,5,,,,0\.8,3,$/);
  });
});
