import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openStudy, readStudy } from '../../src/trials/index.js';
import { emptyFolder } from '../cli/nas.js';
import { attacked, repetitions, report } from '../durability.js';

const SCRIPT = fileURLToPath(new URL('writer.mjs', import.meta.url));
const FINISHED = /^finished (\d+)$/;
const KILLS = repetitions(25);
const PAIRS = repetitions(200);

interface Writer {
  /** Waits for a line that matches and gives the first group of the last one. */
  line(pattern: RegExp): Promise<string>;
  /** The first group of the last such line; undefined without one. */
  last(pattern: RegExp): string | undefined;
  write(line: string): void;
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

function start(runs: string, role: 'search' | 'create'): Writer {
  const child = spawn(process.execPath, [SCRIPT, runs, role], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  let over = false;
  let heard = (): void => undefined;
  const ended = once(child, 'close').then(() => {
    over = true;
    heard();
  });
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    heard();
  });
  const last = (pattern: RegExp): string | undefined =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => pattern.exec(line)?.[1])
      .findLast((group) => group !== undefined);
  return {
    last,
    async line(pattern) {
      while (last(pattern) === undefined && !over) await new Promise<void>((resolve) => (heard = resolve));
      return last(pattern) ?? '';
    },
    write: (line) => void child.stdin.write(`${line}\n`),
    async end(signal) {
      child.kill(signal);
      await ended;
    },
  };
}

const COUNT = 'select count(*) from trial';
/** Programs of others that open a study's database, look, and close it. */
const READERS = [
  ['sqlite3', (path: string) => [path, COUNT]],
  [
    'python3',
    (path: string) => [
      '-c',
      `import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as c: print(c.execute('${COUNT}').fetchone())\nc.close()`,
      path,
    ],
  ],
] as const;

const lacks = (program: string): boolean => spawnSync(program, ['--version']).status !== 0;

/** Finished trials that a killed writer had reported and that are gone; null where the database is damaged. */
function lostOf(runs: string, reported: number): number | null {
  try {
    using reader = readStudy(join(runs, 'demo'));
    const found = reader.count({ states: ['failed'] });
    const state = reader.strategyState() as { readonly id?: unknown } | null;
    return typeof state?.id === 'number' ? Math.max(0, reported - found) : null;
  } catch {
    return null;
  }
}

describe('a search that writes its study', { timeout: 300_000 }, () => {
  it.for(READERS)(
    `keeps its lock while it reads, and loses nothing to %s and a kill, ${KILLS} times`,
    async ([program, args], context) => {
      if (!existsSync('/proc/locks')) context.skip('no /proc/locks on this system');
      if (lacks(program)) context.skip(`${program} is not installed`);
      let [trials, lost, damaged] = [0, 0, 0];
      for (let kill = 0; kill < KILLS; kill++) {
        using folder = emptyFolder();
        const runs = join(folder.path, 'runs');
        const writer = start(runs, 'search');
        expect(Number(await writer.line(/^locks (\d+)$/))).toBeGreaterThan(0);
        execFileSync(program, args(join(runs, 'demo', 'trials.sqlite')));
        const seen = Number(writer.last(FINISHED));
        while (Number(writer.last(FINISHED)) < seen + 5)
          await new Promise((resolve) => setTimeout(resolve, 2));
        await writer.end('SIGKILL');
        const finished = Number(writer.last(FINISHED));
        const gone = lostOf(runs, finished);
        trials += finished;
        lost += gone ?? 0;
        damaged += gone === null ? 1 : 0;
      }
      report('readers', { times: KILLS, trials, broken: lost + damaged });
      expect({ lost, damaged }).toEqual({ lost: 0, damaged: 0 });
    },
  );
});

describe('two processes that create one study at the same time', { timeout: 300_000 }, () => {
  it(`are one writer and one refused, and the writer stays alone, ${PAIRS} times`, async () => {
    using folder = emptyFolder();
    const runs = join(folder.path, 'runs');
    mkdirSync(runs);
    const both = [start(runs, 'create'), start(runs, 'create')];
    try {
      await Promise.all(both.map((one) => one.line(/^(ready)$/)));
      for (let pair = 0; pair < PAIRS; pair++) {
        const name = `pair-${pair}`;
        for (const one of both) one.write(name);
        const answers = await Promise.all(
          both.map((one) => one.line(new RegExp(`^(created|refused) ${name}( |$)`))),
        );
        attacked('creators', {}, () => {
          expect(answers.toSorted()).toEqual(['created', 'refused']);
          expect(both.map((one) => one.last(new RegExp(`^refused ${name} (.*)$`))).join('')).toMatch(
            /^NAS_STUDY_(LOCKED|EXISTS)$/,
          );
          expect(existsSync(join(runs, name, 'trials.lock'))).toBe(true);
          expect(() => openStudy(join(runs, name))).toThrow(
            expect.objectContaining({ code: 'NAS_STUDY_LOCKED' }),
          );
        });
        for (const one of both) one.write('');
      }
    } finally {
      await Promise.all(both.map((one) => one.end('SIGTERM')));
    }
  });
});
