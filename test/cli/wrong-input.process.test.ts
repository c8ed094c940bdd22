import { mkdirSync, readFileSync, truncateSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { loadSqlite } from '../../src/trials/sqlite/load.js';
import { fakeStudy } from '../app/samples.js';
import { emptyFolder, listing, nas, type Answer, type NasOptions } from './nas.js';
import { writeStudy } from './studies.js';

const UNPRIVILEGED = 65_534;

/** What every error ends in: exit code 2, one line that says what is wrong and what to do, nothing on stdout. */
function expectMistake({ code, stdout, stderr }: Answer, named: RegExp): void {
  expect(stderr).toMatch(named);
  expect(stderr).toMatch(/^error: [^\n]*(expected|fix:)[^\n]*\n$/i);
  expect(stdout).toBe('');
  expect(code).toBe(2);
}

/** Runs it where `prepare` has made things ready; nothing may be written. */
async function refuses(
  args: readonly string[],
  named: RegExp,
  prepare: (folder: string) => void = () => undefined,
  options: Omit<NasOptions, 'cwd'> = {},
): Promise<void> {
  using folder = emptyFolder();
  prepare(folder.path);
  const before = listing(folder.path);
  const answer = await nas(args, { cwd: folder.path, ...options });
  expectMistake(answer, named);
  expect(listing(folder.path)).toEqual(before);
}

const search = (...more: string[]): string[] => [
  ...['search', '--backend', 'reference', '--target-latency', '2ms'],
  ...more,
];
const withStudy = (folder: string): void => writeStudy(join(folder, 'runs'));

describe('a wrong word', { timeout: 60_000 }, () => {
  it.concurrent.each<[string, string[], RegExp]>([
    ['data', search('--data', 'fashion-mnits'), /"fashion-mnits".*fashion-mnist.*did you mean fashion-mnist/],
    ['data to get', ['data', 'get', 'mnist'], /"mnist".*fashion-mnist/],
    [
      'a queue whose workers no target is known for',
      ['start', '--queue', 'redis://localhost:1', '--artifacts', 'here'],
      /--queue without a target latency/,
    ],
    ['data of the whole recipe', ['start', '--backend', 'reference', '--data', 'nix'], /"nix"/],
    ['space', search('--space', 'mobilenetv4'), /"mobilenetv4".*did you mean mobilenetv3/],
    ['space to print', ['space', 'nix'], /"nix".*mnasnet/],
    ['preset', ['arch', 'mobilenet_v3_larg'], /did you mean mobilenet_v3_large\?/],
    ['multiplier', ['arch', 'mobilenet_v3_large@fat'], /fat/],
    ['backbone of a detector', ['detector', 'mobilenet_v3_smal'], /did you mean mobilenet_v3_small\?/],
    ['picture of a detector', ['detector', 'rtdetr-l', '--input', '600x640'], /--input 608x640/],
    ['maps of a detector', ['detector', 'rtdetr-l', '--features', 'c3,c5'], /c4,c5/],
    ['hidden size', ['detector', 'rtdetr-l', '--hidden', '100'], /NAS_BAD_HIDDEN_SIZE/],
    [
      'backbone without stride 32',
      ['detector', 'nas1:28x28x1 cn_k3_s2_c8_re cn_k3_s2_c8_re gap fc_c10_id'],
      /no c3: .*has 2, 4.*NAS_NO_FEATURE/,
    ],
    ['last stage', ['detector', 'rtdetr-l', '--half-last-stage'], /NAS_NO_LAST_EXPANSION/],
    ['text form', ['arch', 'nas1:28x28x1 cn_k3_s1_c16_xx gap fc_c10_id'], /xx/],
    ['strategy', search('--strategy', 'ppp'), /"ppp".*did you mean ppo/],
    ['platform', search('--platform', 'phone'), /"phone".*tensorflow/],
    ['option of a platform', search('--platform', 'onnxruntime:cores=2'), /cores=2.*threads/],
    ['file of a table', search('--platform', 'table:'), /NAS_BAD_PLATFORM/],
    [
      'number of targets',
      search('--platform', 'onnxruntime', '--target-latency', '3ms', '--target-latency', '1ms'),
      /\d target latencies for 1 platform/,
    ],
    [
      'platform given twice',
      search('--platform', 'tensorflow', '--platform', 'tensorflow'),
      /tensorflow given twice/,
    ],
    ['reward', search('--reward', 'big'), /big.*absolute, hard, soft/],
    ['backend', [...search(), '--backend', 'torch'], /torch.*reference/],
    ['latency below zero', ['search', '--target-latency', '-3'], /"-3"/],
    ['latency zero', ['search', '--target-latency', '0'], /"0"/],
    ['latency in parsecs', ['search', '--target-latency', '2 parsecs'], /"2 parsecs"/],
    ['latency empty', ['search', '--target-latency', ''], /latency ""/],
    ['latency not given', ['search', '--backend', 'reference'], /no target latency/],
    ['time', search('--time', '3 moons'), /"3 moons"/],
    ['trials', search('--trials', '0'), /'0'.*whole number of at least 1/],
    ['gate', search('--gate', 'NaN'), /NaN.*at least 1/],
    ['study that leads elsewhere', search('--study', '../../x'), /"\.\.\/\.\.\/x"/],
    ['study of markup', search('--study', '<img onerror=1>'), /"<img onerror=1>"/],
    ['study of control characters', search('--study', '\u001b[2J\n'), /"\\u001b\[2J\\n"/],
    ['study to list that leads elsewhere', ['trials', '../../x'], /"\.\.\/\.\.\/x"/],
    ['study to resume', search('--resume', '--study', 'nix'), /no study nix/],
    ['study missing', ['frontier'], /no study in/],
    ['command', ['searhc'], /searhc.*did you mean search/],
    ['option', ['trials', '--jsn'], /--jsn.*did you mean --json/],
    ['option unlike any', ['search', '--zzzzzzzz'], /--zzzzzzzz.*nas search --help/],
    ['subcommand', ['netadapt', 'grow'], /grow.*nas netadapt --help/],
  ])('%s', (_, args, named) => refuses(args, named));

  it('to `netadapt` is reported the same', async () => {
    await refuses(['refine', '--best', '--target-latency', 'soon'], /"soon"/, undefined, { bin: 'netadapt' });
  });
});

describe('a study', { timeout: 60_000 }, () => {
  const resume = (...more: string[]): string[] => ['search', '--resume', '--study', 'demo', ...more];
  it.concurrent.each<[string, string[], RegExp]>([
    [
      'is not resumed in another space',
      resume('--space', 'mnasnet'),
      /mnasnet, but.*mobilenetv3.*leave --space/,
    ],
    ['is not resumed with another seed', resume('--seed', '2'), /--seed 2, but study demo.*1/],
    [
      'is not resumed with another target',
      resume('--target-latency', '3ms'),
      /--target-latency 3(\.0+)? ms, but.*4(\.0+)? ms/,
    ],
    ['is not resumed on other data', resume('--data', 'cifar10'), /cifar10, but.*fashion-mnist/],
    ['is not made twice', search('--study', 'demo'), /study demo exists already.*--resume/],
    ['is pointed at where a name is near', ['trials', 'demmo'], /no study demmo.*did you mean demo/],
    ['has no such trial to show', ['show', '99'], /no trial 99 in study demo/],
    ['has no such trial to export', ['export', '99'], /no trial 99/],
    ['has no such trial to refine', ['netadapt', 'refine', '99', '--target-latency', '1ms'], /no trial 99/],
    ['has no such trial to retrain', ['retrain', '99'], /no trial 99/],
    ['exports no unknown format', ['export', '1', '--format', 'onx'], /"onx".*json/],
    ['exports no trial that failed', ['export', '4'], /trial 4 is failed/],
    ['exports no trial that runs', ['export', '5'], /trial 5 is running/],
    ['exports no weights it has not', ['export', '1'], /trial 1 kept no weights.*nas retrain 1/],
    ['has nothing so fast', ['export', '--best', '--under', '1us'], /no trained trial.*0\.001 ms/],
    ['is asked for a trial', ['export'], /no trial named.*--best/],
  ])('%s', (_, args, named) => refuses(args, named, withStudy));

  it('of TensorFlow needs TensorFlow, and reading it does not', async () => {
    using folder = emptyFolder();
    const runs = join(folder.path, 'runs');
    writeStudy(runs, fakeStudy({ backend: 'tensorflow' }));
    const env = { NAS_TENSORFLOW_DIR: join(folder.path, 'none') };
    const before = listing(folder.path);
    const [made, resumed, refined] = await Promise.all([
      nas(['search', '--target-latency', '2ms'], { cwd: folder.path, env }),
      nas(['retrain', '1'], { cwd: folder.path, env }),
      nas(['netadapt', 'refine', '1', '--target-latency', '1ms'], { cwd: folder.path, env }),
    ]);
    // After them: a writer that ends while another process reads leaves SQLite's own files to the next one.
    const read = await nas(['trials', '--csv'], { cwd: folder.path, env });
    expectMistake(made, /no TensorFlow \(cpu\).*nas setup/);
    // One writer at a time: the second one hears that instead.
    for (const answer of [resumed, refined]) expectMistake(answer, /no TensorFlow|being written/);
    expect(read).toMatchObject({ code: 0, stderr: '' });
    expect(listing(folder.path)).toEqual(before);
  });
});

describe('a damaged database', { timeout: 60_000 }, () => {
  const damages: [string, (file: string) => void][] = [
    [
      'with flipped bytes',
      (file) => {
        const bytes = readFileSync(file);
        for (let at = 4096; at < bytes.length; at += 3) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
        writeFileSync(file, bytes);
      },
    ],
    ['cut in half', (file) => truncateSync(file, Math.floor(readFileSync(file).length / 2))],
    ['that is a text', (file) => writeFileSync(file, 'not a database\n'.repeat(1000))],
    ['that is empty', (file) => writeFileSync(file, '')],
  ];
  const commands = [
    ['trials'],
    ['search', '--resume', '--study', 'demo'],
    ['show', '1', '--study', 'demo'],
    ['frontier', '--json'],
    ['export', '1', '--format', 'json'],
    ['netadapt', 'refine', '1', '--target-latency', '1ms'],
    ['retrain', '1'],
    ['start', '--study', 'demo'],
  ];
  it.concurrent.each(damages)('%s is reported and left unchanged', async (what, damage) => {
    using folder = emptyFolder();
    const file = join(folder.path, 'runs/demo/trials.sqlite');
    withStudy(folder.path);
    damage(file);
    const [before, bytes] = [listing(folder.path), readFileSync(file)];
    for (const args of /text|empty/.test(what) ? commands.slice(0, 2) : commands) {
      expectMistake(
        await nas(args, { cwd: folder.path }),
        /trials\.sqlite.*(damaged|not a database|cut short)/,
      );
    }
    expect(listing(folder.path)).toEqual(before);
    expect(readFileSync(file)).toEqual(bytes);
  });

  it('does not keep `nas studies` from listing the others', async () => {
    using folder = emptyFolder();
    withStudy(folder.path);
    writeStudy(join(folder.path, 'runs'), fakeStudy({ study: 'whole' }));
    writeFileSync(join(folder.path, 'runs/demo/trials.sqlite'), 'no');
    const { code, stdout } = await nas(['studies', '--json'], { cwd: folder.path });
    const studies = JSON.parse(stdout) as {
      study: string;
      problem: string | null;
      accuracy: number | null;
    }[];
    expect(code).toBe(0);
    expect(studies).toMatchObject([
      { study: 'demo', problem: expect.stringMatching(/not a database/) as string },
      { study: 'whole', problem: null, accuracy: 0.8 },
    ]);
  });
});

describe('a folder that may not be written', { timeout: 60_000 }, () => {
  // Root may write everywhere, so the commands run as another user then.
  const uid = process.getuid?.() === 0 ? { uid: UNPRIVILEGED } : {};
  let works = true;
  beforeAll(async () => {
    works = await nas(['--version'], { cwd: '/', ...uid }).then(
      ({ code }) => code === 0,
      () => false,
    );
  });
  const need = (context: TestContext): void => {
    if (!works) context.skip('this checkout or node cannot be read by another user than root');
  };
  const closed = (folder: string): void => {
    withStudy(folder);
    chmodSync(join(folder, 'runs/demo/trials.sqlite'), 0o644);
    for (const path of ['runs/demo', 'runs', '.']) chmodSync(join(folder, path), 0o555);
  };
  it.concurrent.for<[string, string[], RegExp]>([
    ['takes no new study', search(), /cannot be written.*--runs/],
    ['takes no whole recipe', ['start', '--backend', 'reference'], /cannot be written/],
    ['lets no search resume', ['search', '--resume', '--study', 'demo'], /cannot be written/],
    ['lets no network be retrained', ['retrain', '1'], /cannot be written/],
  ])('%s', async ([, args, named], context) => {
    need(context);
    await refuses(args, named, closed, uid);
  });

  it('takes no export', async (context) => {
    need(context);
    using folder = emptyFolder();
    writeStudy(join(folder.path, 'runs'), fakeStudy(), 1, true);
    chmodSync(join(folder.path, 'runs/demo/trials.sqlite'), 0o644);
    chmodSync(join(folder.path, 'runs/demo'), 0o555);
    chmodSync(folder.path, 0o555);
    const before = listing(folder.path);
    for (const out of [[], ['--out', 'mine']]) {
      const args = ['export', '1', '--format', 'json', ...out];
      expectMistake(await nas(args, { cwd: folder.path, ...uid }), /cannot write to .*--out/);
    }
    expect(listing(folder.path)).toEqual(before);
  });

  it('can be read', async (context) => {
    need(context);
    using folder = emptyFolder();
    closed(folder.path);
    const before = listing(folder.path);
    for (const args of [['trials', '--json'], ['frontier', '--csv'], ['show', '1'], ['studies']]) {
      expect(await nas(args, { cwd: folder.path, ...uid })).toMatchObject({ code: 0, stderr: '' });
    }
    expect(listing(folder.path)).toEqual(before);
  });

  it('of another user who shares no study with others is refused', async (context) => {
    need(context);
    using folder = emptyFolder();
    closed(folder.path);
    chmodSync(join(folder.path, 'runs/demo/trials.sqlite'), 0o000);
    for (const args of [
      ['trials'],
      ['export', '1', '--format', 'json'],
      ['search', '--resume', '--study', 'demo'],
    ])
      expectMistake(await nas(args, { cwd: folder.path, ...uid }), /cannot be read; .*chmod a\+r/);
  });
});

describe('a file', { timeout: 60_000 }, () => {
  const write =
    (name: string, content: string | Uint8Array) =>
    (folder: string): void => {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), content);
    };
  const fashion =
    (content: string | Uint8Array, ending: string) =>
    (folder: string): void => {
      for (const part of ['train', 't10k']) {
        for (const kind of ['images-idx3', 'labels-idx1']) {
          write(`.data/fashion-mnist/${part}-${kind}-ubyte${ending}`, content)(folder);
        }
      }
    };
  const pictures =
    (bytes: Uint8Array) =>
    (folder: string): void => {
      for (const kind of ['a', 'b']) {
        for (let i = 0; i < 5; i++) write(`pictures/${kind}/${i}.png`, bytes)(folder);
      }
    };
  it.concurrent.each<[string, string[], RegExp, (folder: string) => void]>([
    ['of data that is missing', search(), /train-.*nas data get fashion-mnist/, () => undefined],
    ['of data that is short', search(), /idx\d-ubyte/, fashion('x', '')],
    ['of data that is not packed', search(), /idx\d-ubyte\.gz/, fashion('no gzip', '.gz')],
    ['of data that is packed nothing', search(), /idx\d-ubyte\.gz/, fashion(gzipSync(''), '.gz')],
    [
      'of pictures that is none',
      search('--data', 'images:pictures'),
      /pictures\/[ab]\/\d\.png/,
      pictures(new TextEncoder().encode('no picture')),
    ],
    [
      'of pictures that are nowhere',
      search('--data', 'images:pictures'),
      /cannot open .*pictures/,
      () => undefined,
    ],
    ['of a space that is missing', ['space', 'no.yaml'], /no\.yaml/, () => undefined],
    ['of a space that is no YAML', ['space', 'my.yaml'], /my\.yaml/, write('my.yaml', '{ stages: [')],
    [
      'of a space with other words',
      ['space', 'my.yaml'],
      /my\.yaml|name|stages/,
      write('my.yaml', 'hello: 1\n'),
    ],
    ['of a space that unfolds', ['space', 'my.yaml'], /alias|my\.yaml/i, write('my.yaml', bomb())],
    ['of a space that is huge', ['space', 'my.yaml'], /my\.yaml/, write('my.yaml', '#'.repeat(5_000_000))],
    ['of an architecture that is no JSON', ['arch', 'my.json'], /my\.json/, write('my.json', '{"text":')],
    [
      'of an architecture that is null',
      ['arch', 'my.json'],
      /architecture/,
      write('my.json', '{"architecture":null}'),
    ],
    ['of an architecture that is bytes', ['arch', 'my.txt'], /nas1/, write('my.txt', new Uint8Array(1000))],
  ])('%s is reported by name', (_, args, named, prepare) => refuses(args, named, prepare));
});

/** YAML whose aliases unfold to 10^9 words. */
function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i++)
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  return lines.join('\n');
}

describe('names that hold escape sequences', { timeout: 60_000 }, () => {
  const HOSTILE = 'cat\u001b[2J\u001b]0;owned\u0007\u202e';
  const STEERING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

  it('do not reach the terminal: a class, an option, text of a study', async () => {
    using folder = emptyFolder();
    const cwd = folder.path;
    mkdirSync(join(cwd, 'pictures', HOSTILE), { recursive: true });
    mkdirSync(join(cwd, 'pictures/dog'));
    for (const name of [HOSTILE, 'dog']) writeFileSync(join(cwd, 'pictures', name, '1.png'), 'no picture');
    withStudy(cwd);
    const database = loadSqlite()(join(cwd, 'runs/demo/trials.sqlite'));
    database.prepare(`update trial set reason = ?, platform = ?`).run(HOSTILE, HOSTILE);
    database.close();
    const answers = await Promise.all([
      nas(search('--data', 'images:pictures', '--size', '8'), { cwd }),
      nas([`--${HOSTILE}`], { cwd }),
      nas(['trials', '--study', HOSTILE], { cwd }),
      nas(['trials'], { cwd }),
      nas(['trials', '--json'], { cwd }),
      nas(['show', '4'], { cwd }),
    ]);
    for (const { stdout, stderr } of answers) expect(stdout + stderr).not.toMatch(STEERING);
    expect(answers.filter(({ stderr }) => stderr.includes('cat')).length).toBeGreaterThanOrEqual(2);
  });
});
