import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import workers from 'node:worker_threads';
import { afterAll } from 'vitest';

const DIST = join(fileURLToPath(new URL('../..', import.meta.url)), 'dist') + sep;
const STARTS = ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync'] as const;
const READS = ['createReadStream', 'existsSync', 'openSync', 'readFileSync', 'statSync'] as const;

/** What the tests of a project may do beyond running the sources. */
export interface Allowed {
  /** Load native packages, read what was built, start threads. */
  readonly native: boolean;
  readonly processes: boolean | 'without Chromium';
}

/**
 * Refuses every call of a test that its project does not allow. The call throws; where the product takes that for an answer,
 * the file fails at its end.
 */
export function allowOnly(allowed: Allowed): void {
  // Files of one project may share a process, which is changed once.
  const global = globalThis as { [REFUSED]?: Set<string> };
  if (global[REFUSED] === undefined) {
    const refused = (global[REFUSED] = new Set());
    install(allowed, (what, suffix) => {
      const text = `a test ${what}: name its file X.${suffix}.test.ts`;
      refused.add(text);
      throw new Error(text);
    });
  }
  const refused = global[REFUSED];
  refused.clear();
  afterAll(() => {
    const texts = [...refused];
    refused.clear();
    if (texts.length > 0) throw new Error(texts.join('\n'));
  });
}

const REFUSED = Symbol.for('platform-nas tests: refused calls');

function install({ native, processes }: Allowed, refuse: (what: string, suffix: string) => never): void {
  for (const name of STARTS) {
    const start = childProcess[name] as (...args: unknown[]) => unknown;
    const guarded = (...args: unknown[]): unknown => {
      const program = String(args[0]);
      if (processes === false) refuse(`starts ${program}`, 'process');
      if (processes !== true && /chrom(e|ium)/i.test(basename(program)))
        refuse(`starts ${program}`, 'browser');
      return start(...args);
    };
    Object.assign(childProcess, { [name]: Object.assign(guarded, start) });
  }
  if (!native) {
    process.dlopen = (_, file) => refuse(`loads ${basename(file)}`, 'native');
    Object.assign(workers, {
      Worker: function (file: unknown) {
        refuse(`starts the thread ${String(file)}`, 'native');
      },
    });
    for (const name of READS) {
      const read = fs[name] as (...args: unknown[]) => unknown;
      const guarded = (...args: unknown[]): unknown => {
        const path = args[0] instanceof URL ? fileURLToPath(args[0]) : args[0];
        if (typeof path === 'string' && path.startsWith(DIST)) refuse(`reads ${path}`, 'native');
        return read(...args);
      };
      Object.assign(fs, { [name]: guarded });
    }
  }
  syncBuiltinESMExports();
}
