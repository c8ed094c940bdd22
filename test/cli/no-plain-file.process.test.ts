import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TOKEN } from '../latency/agent/samples.js';
import { emptyFolder, nas } from './nas.js';
import { writeStudy } from './studies.js';

/** Puts a pipe without a writer where a file is expected. */
function pipe(folder: string, path: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  rmSync(join(folder, path), { force: true });
  execFileSync('mkfifo', [join(folder, path)]);
}

const study = (folder: string): void => writeStudy(join(folder, 'runs'), undefined, 5, true);
const REFERENCE = ['--backend', 'reference', '--target-latency', '2ms'];

/** What is read, the command, the pipe, and what has to be there. */
const CASES: readonly (readonly [
  what: string,
  args: string[],
  path: string,
  prepare: (folder: string) => void,
  code?: string,
])[] = [
  ['a latency table', ['latency', 'validate', 'pipe.json'], 'pipe.json', () => undefined, 'NAS_BAD_TABLE'],
  ['a table to look up', ['latency', 'show', 'pipe.json'], 'pipe.json', () => undefined],
  [
    'a table of a search',
    ['search', ...REFERENCE, '--platform', 'table:pipe.json'],
    'pipe.json',
    () => undefined,
  ],
  ['a search space', ['search', ...REFERENCE, '--space', 'pipe.yaml'], 'pipe.yaml', () => undefined],
  ['a space to print', ['space', 'pipe.yaml'], 'pipe.yaml', () => undefined],
  ['an architecture', ['arch', 'pipe.json'], 'pipe.json', () => undefined, 'NAS_NO_FILE'],
  ['a token', ['agent', '--token-file', 'pipe'], 'pipe', () => undefined, 'NAS_AGENT_TOKEN_FILE'],
  ['a database', ['trials', 'demo'], 'runs/demo/trials.sqlite', study, 'NAS_NOT_A_FILE'],
  [
    'a database to resume',
    ['search', '--resume', '--study', 'demo'],
    'runs/demo/trials.sqlite',
    study,
    'NAS_NOT_A_FILE',
  ],
  ['a database to repair', ['repair', 'demo'], 'runs/demo/trials.sqlite', study, 'NAS_NOT_A_FILE'],
  ['a log of a database', ['trials', 'demo'], 'runs/demo/trials.sqlite-wal', study, 'NAS_NOT_A_FILE'],
  ['an index of a log', ['trials', 'demo'], 'runs/demo/trials.sqlite-shm', study, 'NAS_NOT_A_FILE'],
  ['a journal of a database', ['trials', 'demo'], 'runs/demo/trials.sqlite-journal', study, 'NAS_NOT_A_FILE'],
  ['a lock', ['search', '--resume', '--study', 'demo'], 'runs/demo/trials.lock', study, 'NAS_NOT_A_FILE'],
  ['the log of a study', ['search', '--resume', '--study', 'demo'], 'runs/demo/log', study, 'NAS_NOT_A_FILE'],
  [
    'weights to export',
    ['export', '1', '--study', 'demo', '--out', 'out'],
    'runs/demo/checkpoints/trial-1.weights',
    study,
    'NAS_NOT_A_FILE',
  ],
  ['a report to write', ['report', 'demo', '--out', 'pipe.html'], 'pipe.html', study, 'NAS_NOT_WRITABLE'],
  ['a data set', ['data', 'get', 'cifar10', '--from', '.'], 'cifar-10-binary.tar.gz', () => undefined],
  [
    'files of a data set',
    ['data', 'get', 'fashion-mnist', '--from', '.'],
    'train-images-idx3-ubyte',
    () => undefined,
  ],
];

describe('a pipe without a writer', { timeout: 120_000 }, () => {
  it.for(CASES)('is refused immediately in place of %s', async ([, args, path, prepare, code]) => {
    using folder = emptyFolder();
    prepare(folder.path);
    pipe(folder.path, path);
    const answer = await nas(args, { cwd: folder.path });
    expect(answer).toMatchObject({ code: 2, stdout: '' });
    expect(answer.stderr).toMatch(
      new RegExp(`^(?:[a-z].*\\n)*error: [^\\n]*\\[${code ?? 'NAS_'}[A-Z_]*\\]\\n$`),
    );
  });

  it('is refused immediately in place of the file of tokens', async () => {
    using folder = emptyFolder();
    pipe(folder.path, 'tokens');
    const env = { NAS_AGENT_TOKENS: join(folder.path, 'tokens'), NAS_AGENT_TOKEN: TOKEN };
    const search = ['search', ...REFERENCE, '--platform', 'agent:http://127.0.0.1:1'];
    const answer = await nas(search, { cwd: folder.path, env });
    expect(answer.stderr).toMatch(
      /error: .*tokens of NAS_AGENT_TOKENS: a named pipe.*\[NAS_AGENT_TOKEN_FILE\]\n$/,
    );
  });

  it('is passed over among pictures', async () => {
    using folder = emptyFolder();
    for (const name of ['cat', 'dog']) {
      mkdirSync(join(folder.path, 'set', name), { recursive: true });
      writeFileSync(join(folder.path, 'set', name, 'a.txt'), 'x');
      pipe(folder.path, `set/${name}/b.png`);
    }
    const answer = await nas(['search', ...REFERENCE, '--data', 'images:set'], { cwd: folder.path });
    expect(answer.code).toBe(2);
    expect(answer.stderr).toMatch(/error: /);
    expect(readdirSync(folder.path)).toContain('set');
  });
});
