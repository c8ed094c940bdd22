import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStudy } from '../../src/trials/index.js';
import { fakeStudy, smallSpace } from '../app/samples.js';
import { emptyFolder, nasCommand, type Answer } from './nas.js';
import { writeStudy } from './studies.js';

/** Runs the command line in a shell, `redirected`: a reader that is gone immediately (`| true`) or a full device. */
async function shell(
  args: readonly string[],
  redirected: string,
  cwd: string,
  bin?: 'netadapt',
): Promise<Answer> {
  const [file, words, options] = nasCommand(args, { cwd, ...(bin === undefined ? {} : { bin }) });
  const quoted = [file, ...words].map((word) => `'${word}'`).join(' ');
  const script = `set -o pipefail; ${quoted} ${redirected}`;
  const child = spawn('bash', ['-c', script], options);
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => (texts[stream] += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...texts };
}

const FULL = existsSync('/dev/full');
const ONE_LINE = /^error: the output could not be written \(ENOSPC\).*\[NAS_OUTPUT_FAILED\]\n$/;

function withStudy(): { readonly path: string } & Disposable {
  const folder = emptyFolder();
  writeStudy(join(folder.path, 'runs'));
  return folder;
}

describe('a listing', { timeout: 60_000 }, () => {
  it.each([['trials'], ['trials', '--json'], ['studies'], ['--help'], ['space', 'mobilenetv3']])(
    'ends quietly when its reader has gone: nas %s %s',
    async (...args) => {
      using folder = withStudy();
      expect(await shell(args, '| true', folder.path)).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(await shell(args, '2>&1 | true', folder.path)).toMatchObject({ code: 0, stderr: '' });
    },
  );

  it.runIf(FULL).each([['trials'], ['frontier'], ['--help']])(
    'says in one line that a device is full: nas %s',
    async (...args) => {
      using folder = withStudy();
      const { code, stderr } = await shell(args, '> /dev/full', folder.path);
      expect(code).toBe(2);
      expect(stderr).toMatch(ONE_LINE);
    },
  );

  it.runIf(FULL)(
    'ends with a code where no stream can be written, and where an error cannot be reported',
    async () => {
      using folder = withStudy();
      const all = '> /dev/full 2>&1';
      expect(await shell(['trials'], all, folder.path)).toMatchObject({ code: 2 });
      expect(await shell(['trials', 'missing'], all, folder.path)).toMatchObject({ code: 2 });
      expect(await shell(['refine'], all, folder.path, 'netadapt')).toMatchObject({ code: 2 });
    },
  );

  it('is well with streams that are closed', async () => {
    using folder = withStudy();
    expect(await shell(['trials'], '>&- 2>&-', folder.path)).toMatchObject({ code: 0 });
  });
});

describe('a search whose output is lost', { timeout: 120_000 }, () => {
  it.each(['2>&1 | true', ...(FULL ? ['> /dev/full 2>&1'] : [])])(
    'runs to its end, and its log has the lines: %s',
    async (redirected) => {
      using folder = emptyFolder();
      const runs = join(folder.path, 'runs');
      writeStudy(runs, fakeStudy({ space: smallSpace, gate: 100, trials: 4, strategy: 'random' }), 0);
      const { code, stderr } = await shell(
        ['search', '--resume', '--study', 'demo'],
        redirected,
        folder.path,
      );
      expect([code, stderr]).toEqual([0, '']);
      using reader = readStudy(join(runs, 'demo'));
      expect(reader.rows().map((row) => row.state)).toEqual(Array(4).fill('done'));
      const log = readFileSync(join(runs, 'demo/log'), 'utf8');
      for (let trial = 1; trial <= 4; trial++) expect(log).toMatch(new RegExp(`Z +${trial} sample`));
      expect(log).toMatch(/Z +trial +kind/);
    },
  );
});

describe('a server whose output is lost', { timeout: 60_000 }, () => {
  it.each(['| true', ...(FULL ? ['> /dev/full 2>&1'] : [])])(
    'runs until it is stopped: %s',
    async (redirected) => {
      using folder = emptyFolder();
      const [file, words, options] = nasCommand(['dashboard', '--port', '0'], { cwd: folder.path });
      const quoted = [file, ...words].map((word) => `'${word}'`).join(' ');
      // With its process id, the test can stop it.
      const child = spawn('bash', ['-c', `(echo $BASHPID >&3; exec ${quoted} 3>&-) ${redirected}`], {
        ...options,
        stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      });
      const [pid] = (await once(child.stdio[3]!, 'data')) as [Buffer];
      const server = Number(pid.toString());
      await new Promise((resolve) => setTimeout(resolve, 3000));
      expect(() => process.kill(server, 0)).not.toThrow();
      process.kill(server, 'SIGTERM');
      await once(child, 'close');
      expect(() => process.kill(server, 0)).toThrow();
    },
  );
});
