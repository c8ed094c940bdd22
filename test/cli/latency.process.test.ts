import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { LatencyTable } from '../../src/latency/index.js';
import { writePictures } from '../app/pictures.js';
import { emptyFolder, listing, nas, nasCommand } from './nas.js';

const TINY = `
version: 1
name: tiny
stem: { filters: [8, 16] }
stages:
  - { op: mbconv, kernel: [3, 5], expansion: 3, filters: [8, 16], layers: [1, 2] }
head: { place: before, features: 0 }
`;
const BUILD = [
  ...['latency', 'build', '--platform', 'onnxruntime:threads=1', '--space', 'tiny.yaml'],
  ...['--input', '8', '--classes', '2', '--no-widths', '--networks', '4', '--out', 'table.json'],
];
const fixture = fileURLToPath(new URL('../latency/table/fixtures/once-for-all.json', import.meta.url));

function tableIn(folder: string, name = 'table.json'): LatencyTable {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as LatencyTable;
}

describe('nas latency', { timeout: 240_000 }, () => {
  it('builds, shows, validates and hands on a table, and a search and NetAdapt use it', async () => {
    using folder = emptyFolder();
    const cwd = folder.path;
    const run = async (...args: string[]) => {
      const answer = await nas(args, { cwd });
      expect(answer.stderr).not.toMatch(/^error/m);
      expect(answer.code).toBe(0);
      return answer.stdout;
    };
    writeFileSync(join(cwd, 'tiny.yaml'), TINY);
    expect(await run(...BUILD)).toMatch(/look-up table of onnxruntime.*tiny 8×8×3, 2 classes/s);
    const table = tableIn(cwd);
    expect(Object.keys(table.entries)).toHaveLength(table.planned);
    expect(table.networks).toHaveLength(4);
    // Built already: nothing is timed again.
    await run(...BUILD);
    expect(tableIn(cwd)).toEqual(table);

    const validated = JSON.parse(
      await run('latency', 'validate', 'table.json', '--space', 'tiny.yaml', '--networks', '10', '--json'),
    ) as { corrected: { networks: number }; networks: { predictedMs: number; measuredMs: number }[] };
    expect(validated.corrected.networks).toBe(10);
    expect(validated.networks.every(({ predictedMs, measuredMs }) => predictedMs > 0 && measuredMs > 0)).toBe(
      true,
    );

    const shown = JSON.parse(await run('latency', 'show', 'table.json', '--json')) as {
      validation: object;
      entries: number;
    };
    expect(shown.entries).toBe(table.planned);
    expect(shown.validation).not.toBeNull();
    const network = 'nas1:8x8x3 cn_k3_s1_c16_re ir_k5_s1_e48_c16_re gap fc_c2_id';
    expect(await run('latency', 'show', 'table.json', '--arch', network)).toMatch(
      /8x8x16 conv1:48:re dw5:re conv1:16:id.*8x8x16 add.*predicted .* ms, 95 % interval/s,
    );

    expect(await run('latency', 'import', 'table.json')).toMatch(/use it: --platform table:/);
    const [only = ''] = JSON.parse(await run('latency', 'show', '--json')) as { file: string }[];
    expect(await run('latency', 'export')).toBe(readFileSync(join(cwd, 'table.json'), 'utf8'));
    expect(only).toMatchObject({ platform: 'onnxruntime:threads=1' });

    await writePictures(join(cwd, 'pictures'), 8, 12);
    const study = ['--study', 'demo', '--runs', 'runs'];
    await run(
      ...[
        'search',
        '--data',
        'images:pictures',
        '--size',
        '8',
        '--space',
        'tiny.yaml',
        '--backend',
        'reference',
      ],
      ...['--platform', 'table:table.json', '--target-latency', '100ms', '--trials', '2', '--steps', '1'],
      ...['--batch', '4', '--workers', '1', '--scaled', 'none', ...study],
    );
    const trials = JSON.parse(await run('trials', 'demo', '--json')) as {
      latencySource: string;
      state: string;
      latencyMs: number;
    }[];
    expect(trials.map(({ latencySource, state }) => [latencySource, state])).toEqual([
      ['table', 'done'],
      ['table', 'done'],
    ]);
    const most = Math.max(...trials.map(({ latencyMs }) => latencyMs));
    const refined = await nas(
      [
        'netadapt',
        'refine',
        '1',
        '--target-latency',
        `${0.9 * most}ms`,
        '--steps',
        '1',
        '--finetune-steps',
        '1',
        ...study,
      ],
      { cwd },
    );
    expect(refined.stderr).not.toMatch(/^error/m);
    expect(refined.code).toBe(0);
    const kinds = JSON.parse(await run('trials', 'demo', '--json')) as { latencySource: string }[];
    expect(kinds.every(({ latencySource }) => latencySource === 'table')).toBe(true);
  });

  it('stops at Ctrl-C with what is timed so far kept, and resumes from there', async () => {
    using folder = emptyFolder();
    const cwd = folder.path;
    const path = join(cwd, 'table.json');
    // More than twice as many segments as are timed per session.
    writeFileSync(join(cwd, 'tiny.yaml'), TINY.replaceAll('[8, 16]', '[8, 16, 24, 32]'));
    const [file, words, options] = nasCommand(BUILD, { cwd });
    const child = spawn(file, words, { ...options, detached: true });
    child.stdout.resume();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const closed = once(child, 'close');
    const watch = setInterval(() => {
      if (!existsSync(path) || child.pid === undefined) return;
      clearInterval(watch);
      // As a terminal does it: the whole group gets the signal.
      process.kill(-child.pid, 'SIGINT');
    }, 10);
    const [code] = (await closed) as [number | null];
    expect(stderr).toMatch(/stopped; run the same command again to resume .*table\.json\n$/);
    expect(code).toBe(130);
    const before = tableIn(cwd);
    const done = Object.keys(before.entries).length;
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(before.planned);
    expect(readdirSync(cwd).sort()).toEqual(['latency', 'table.json', 'tiny.yaml']);
    expect((await nas(BUILD, { cwd })).code).toBe(0);
    const { entries, planned } = tableIn(cwd);
    expect(Object.keys(entries)).toHaveLength(planned);
    // What was timed before the stop is the first of each line's sessions.
    for (const [key, { sessionsMs: [first] = [] }] of Object.entries(before.entries))
      expect(entries[key]?.sessionsMs?.[0]).toBe(first);
  });

  it.each([
    ['the platform is opened', 'first'],
    ['a network is opened', 'second'],
  ])('stops a program that runs for minutes while %s', { timeout: 60_000 }, async (_, slow) => {
    using folder = emptyFolder();
    const cwd = folder.path;
    const pid = join(cwd, 'pid');
    writeFileSync(join(cwd, 'tiny.yaml'), TINY);
    const quick = `[ -e called ] || { touch called; echo '{"runsMs":[1],"device":"board","versions":{}}'; exit; }`;
    writeFileSync(
      join(cwd, 'slow.sh'),
      `${slow === 'second' ? quick : ''}\necho $$ >pid.new; mv pid.new pid; exec sleep 600\n`,
    );
    const args = BUILD.map((word) => (word.startsWith('onnxruntime') ? 'command:sh slow.sh' : word));
    const [file, words, options] = nasCommand(args, { cwd });
    const child = spawn(file, words, options);
    child.stdout.resume();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const closed = once(child, 'close');
    const watch = setInterval(() => {
      if (!existsSync(pid)) return;
      clearInterval(watch);
      child.kill('SIGTERM');
    }, 10);
    try {
      const [code] = (await closed) as [number | null];
      expect(stderr).toMatch(/\nstopped\n$/);
      expect(code).toBe(130);
      // Of a process that has ended and was not reaped yet it is empty.
      const commandLine = `/proc/${readFileSync(pid, 'utf8').trim()}/cmdline`;
      await expect.poll(() => existsSync(commandLine) && readFileSync(commandLine, 'utf8')).toBeFalsy();
      expect(existsSync(join(cwd, 'table.json'))).toBe(false);
    } finally {
      clearInterval(watch);
      child.kill('SIGKILL');
    }
  });

  it('takes in a foreign table, answers from it, and says what it lacks', async () => {
    using folder = emptyFolder();
    const cwd = folder.path;
    const imported = await nas(['latency', 'import', fixture], { cwd });
    expect(imported).toMatchObject({ code: 0, stderr: '' });
    expect(imported.stdout).toMatch(
      /read 7 of 7 entries of once-for-all.*latency\/imported\/table-once-for-all\.json/s,
    );
    const asked = await nas(
      [
        'latency',
        'show',
        '--json',
        '--arch',
        'nas1:160x160x3 cn_k3_s2_c16_hs ds_k3_s1_c16_re gap fc_c1000_id',
      ],
      { cwd },
    );
    const answer = JSON.parse(asked.stdout) as {
      lines: { key: string; known: boolean }[];
      lacking: string[];
    };
    expect(answer.lines.map(({ known }) => known)).toEqual([true, true, false, false]);
    expect(answer.lacking[0]).toBe('the table was held against no measured network');
  });
});

describe('an error in nas latency', { timeout: 60_000 }, () => {
  const broken = (cwd: string): void =>
    writeFileSync(join(cwd, 'broken.json'), '{"format": "platform-nas-latency-table"}');
  const foreign = (cwd: string): void => {
    mkdirSync(join(cwd, 'latency', 'imported'), { recursive: true });
    copyFileSync(fixture, join(cwd, 'foreign.json'));
  };
  it.concurrent.each<[string, string[], RegExp, ((cwd: string) => void)?]>([
    ['subcommand', ['latency', 'bild'], /bild.*nas latency --help|did you mean build/],
    ['platform', ['latency', 'build', '--platform', 'phone'], /"phone".*tensorflow/],
    [
      'platform that times nothing',
      ['latency', 'build', '--platform', 'table:x.json'],
      /times nothing.*onnxruntime/,
    ],
    [
      'space',
      ['latency', 'build', '--platform', 'onnxruntime', '--space', 'mobilenetv4'],
      /did you mean mobilenetv3/,
    ],
    ['space file', ['latency', 'build', '--platform', 'onnxruntime', '--space', 'nix.yaml'], /nix\.yaml/],
    ['size', ['latency', 'build', '--input', 'huge'], /huge.*224/],
    ['networks', ['latency', 'build', '--networks', '11'], /11.*from 0 to 10/],
    ['batch', ['latency', 'build', '--latency-batch', '0'], /0.*from 1/],
    ['no table', ['latency', 'validate'], /no table in .*nas latency build/],
    ['table that is not there', ['latency', 'show', 'nix.json'], /nix\.json.*nas latency/],
    ['table that is none', ['latency', 'show', 'broken.json'], /broken\.json is no latency table/, broken],
    ['too few networks', ['latency', 'validate', '--networks', '2'], /2.*from 10/],
    [
      'foreign table to validate',
      ['latency', 'validate', 'foreign.json'],
      /is no latency table.*import/,
      foreign,
    ],
    ['file to import', ['latency', 'import', 'nix.yaml'], /nix\.yaml/],
    ['import of something else', ['latency', 'import', 'broken.json'], /broken\.json/, broken],
    [
      'export over a file',
      ['latency', 'export', 'broken.json', '--out', 'broken.json'],
      /there already/,
      broken,
    ],
    ['architecture', ['latency', 'show', 'broken.json', '--arch', 'nix'], /broken\.json/, broken],
    [
      'platform of a search',
      ['search', '--backend', 'reference', '--target-latency', '1ms', '--platform', 'table:'],
      /table:FILE/,
    ],
  ])('is reported in one line: %s', async (_, args, named, prepare = () => undefined) => {
    using folder = emptyFolder();
    prepare(folder.path);
    const before = listing(folder.path);
    const { code, stdout, stderr } = await nas(args, { cwd: folder.path });
    expect(stderr).toMatch(named);
    expect(stderr).toMatch(/^error: [^\n]*(expected|fix:)[^\n]*\n$/i);
    expect([stdout, code]).toEqual(['', 2]);
    expect(listing(folder.path)).toEqual(before);
  });
});
