import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { csv, flatTrial } from '../../src/report/index.js';
import { readStudy, type TrialRow } from '../../src/trials/index.js';
import { nasCommand } from '../cli/nas.js';

/** A command that runs and is to be killed. */
export interface Victim {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  /** Lines on stderr that match. */
  count(line: RegExp): number;
  /** Waits for the given number of matching lines; false when it ended before. */
  until(line: RegExp, count: number): Promise<boolean>;
  /** Exit code, null after a signal. */
  readonly ended: Promise<number | null>;
  readonly lives: () => boolean;
}

export function run(cwd: string, args: readonly string[]): Victim {
  const child = spawn(...nasCommand(args, { cwd }));
  let text = '';
  let over = false;
  let heard = (): void => undefined;
  child.stderr.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    heard();
  });
  child.stdout.resume();
  const ended = once(child, 'close').then(([code]) => {
    over = true;
    heard();
    return code as number | null;
  });
  const count = (line: RegExp): number => text.match(new RegExp(line, 'gm'))?.length ?? 0;
  return {
    ...{ child, ended, count },
    stderr: () => text,
    lives: () => !over,
    async until(line, wanted) {
      while (!over && count(line) < wanted) await new Promise<void>((resolve) => (heard = resolve));
      return !over;
    },
  };
}

/** A finished candidate, as progress shows it. */
export const FINISHED = /^ +\d+ sample .*$/;

/** Waits, then kills every process named; false when the command had ended by itself before. */
export async function killAfter(victim: Victim, ms: number, pids: () => readonly number[]): Promise<boolean> {
  await sleep(ms);
  if (!victim.lives()) return false;
  for (const pid of pids()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has gone in this moment.
    }
  }
  return true;
}

export const controllerOf = ({ child }: Victim): readonly number[] => [child.pid ?? 0];

/** The evaluator host of a command, if one runs now. */
export function hostOf({ child }: Victim): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === child.pid);
}

/** Waits until the command has a host. */
export async function untilHost(victim: Victim): Promise<boolean> {
  while (victim.lives()) {
    if (hostOf(victim).length > 0) return true;
    await sleep(10);
  }
  return false;
}

function parentOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

export function rowsIn(cwd: string): readonly TrialRow[] {
  using reader = readStudy(join(cwd, 'runs/demo'));
  return reader.rows();
}

const OF_THE_CLOCK: readonly string[] = ['seconds', 'attempts', 'createdAt', 'finishedAt'];

/** `nas trials --csv` without what the clock and the interruptions alone decide, row by row. */
export function tableOf(cwd: string): readonly string[] {
  const rows = rowsIn(cwd).map(flatTrial);
  const keys = Object.keys(rows[0] ?? {}).filter((key) => !OF_THE_CLOCK.includes(key));
  return csv(rows, keys).trim().split('\r\n');
}

/** What was finished at some moment: the row and, for one with weights, the very file that it wrote. */
export type Finished = ReadonlyMap<number, string>;

export function finishedIn(cwd: string): Finished {
  const rows = rowsIn(cwd).filter((row) => row.state !== 'running');
  return new Map(rows.map((row) => [row.trial, JSON.stringify([row, fileOf(cwd, row)])]));
}

function fileOf(cwd: string, { checkpoint }: TrialRow): unknown {
  if (checkpoint === null) return null;
  const { ino, size, mtimeMs } = statSync(join(cwd, 'runs/demo/checkpoints', checkpoint));
  return [ino, size, mtimeMs];
}

/** Trials whose weights were written after their result was stored: trained again needlessly. */
export function trainedAgain(cwd: string): readonly number[] {
  return rowsIn(cwd).flatMap((row) => {
    if (row.checkpoint === null || row.finishedAt === null) return [];
    const { mtimeMs } = statSync(join(cwd, 'runs/demo/checkpoints', row.checkpoint));
    return mtimeMs > row.finishedAt + 1 ? [row.trial] : [];
  });
}
