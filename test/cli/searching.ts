import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePictures } from '../app/pictures.js';
import { nasCommand } from './nas.js';
import { TINY_SPACE } from './studies.js';

export interface Searching {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
}

/** A search on a platform, the leader of a process group; temporary files of its programs lie in `temporary`. */
export async function searching(
  cwd: string,
  platform: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Searching> {
  await writePictures(join(cwd, 'pictures'), 8, 8);
  writeFileSync(join(cwd, 'tiny.yaml'), TINY_SPACE);
  mkdirSync(join(cwd, 'temporary'));
  const data = ['--data', 'images:pictures', '--size', '8', '--space', 'tiny.yaml', '--batch', '4'];
  const how = [
    '--backend',
    'reference',
    '--workers',
    '1',
    '--scaled',
    'none',
    '--target-latency',
    '100ms',
    '--platform',
    platform,
  ];
  const [file, args, options] = nasCommand(['search', '--study', 'demo', ...data, ...how], {
    cwd,
    env: { TMPDIR: join(cwd, 'temporary'), ...env },
  });
  const child = spawn(file, args, { ...options, detached: true });
  child.stdout.resume();
  child.stderr.resume();
  return { child, ended: once(child, 'close').then(([code]) => code as number | null) };
}
