import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fakeStudy, smallSpace } from '../app/samples.js';
import { nasCommand } from '../cli/nas.js';
import { writeStudy } from '../cli/studies.js';

export interface RunningSearch extends AsyncDisposable {
  /** Holds every training: the store stays unchanged until {@link RunningSearch.goOn}. */
  hold(): void;
  goOn(): void;
  /** Resolves with its exit code. */
  readonly ended: Promise<number | null>;
}

/** A search on the test double in a separate process, whose candidates take about half a second each. */
export function searching(cwd: string, trials: number): RunningSearch {
  const requested = { space: smallSpace, targetMs: 0.6, gate: 100, epochs: 60, trials, workers: 2 };
  writeStudy(join(cwd, 'runs'), fakeStudy(requested), 0);
  const [file, args, options] = nasCommand(['search', '--resume', '--study', 'demo'], { cwd });
  const child = spawn(file, args, options);
  child.stdout.resume();
  child.stderr.resume();
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const signal = (name: 'SIGSTOP' | 'SIGCONT'): void => {
    for (const pid of childrenOf(child.pid ?? -1)) process.kill(pid, name);
  };
  return {
    hold: () => signal('SIGSTOP'),
    goOn: () => signal('SIGCONT'),
    ended,
    async [Symbol.asyncDispose]() {
      signal('SIGCONT');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function childrenOf(parent: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]) === parent;
      } catch {
        return false;
      }
    });
}
