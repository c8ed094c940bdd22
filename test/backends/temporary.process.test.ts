import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { cleanTemporary } from '../../src/backends/index.js';
import { makeTemporary } from '../../src/backends/tensorflow/temporary.js';
import { isSetUp, prepare, REASON } from './tensorflow.js';

const fixture = new URL('./fixtures/stuck-session.mjs', import.meta.url).pathname;
const base = mkdtempSync(join(tmpdir(), 'nas-test-'));
const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));
afterAll(() => rmSync(base, { recursive: true, force: true }));

let folders = 0;
function emptyFolder(): string {
  const folder = join(base, String(folders++));
  mkdirSync(folder);
  return folder;
}

/** A process that stands still while its graph is being written, or loaded. */
async function stuck(folder: string, where: 'writing' | 'loading'): Promise<ChildProcess> {
  const child = spawn(process.execPath, [fixture, folder, where], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

describe('cleanTemporary', () => {
  it.each(['writing', 'loading'] as const)(
    'removes what a process left that was killed while %s',
    async (where) => {
      const folder = emptyFolder();
      const [dead, alive] = await Promise.all([stuck(folder, where), stuck(folder, where)]);
      expect(readdirSync(folder)).toHaveLength(2);
      expect(cleanTemporary(folder)).toBe(0);
      dead.kill('SIGKILL');
      await once(dead, 'exit');
      expect(cleanTemporary(folder)).toBe(1);
      const [left] = readdirSync(folder);
      expect(left).toContain(`-${alive.pid}-`);
      expect(readdirSync(join(folder, left!))).toEqual(where === 'loading' ? ['saved_model.pb'] : []);
    },
  );

  it('is not fooled by a new process of the same number', () => {
    const folder = emptyFolder();
    const made = makeTemporary(folder);
    const [, space, pid, start] = /nas-graph-(\d+)-(\d+)-(\d+)-/.exec(made)!;
    expect(pid).toBe(String(process.pid));
    expect(Number(start)).toBeGreaterThan(0);
    renameSync(made, join(folder, `nas-graph-${space}-${pid}-${Number(start) - 1}-abcdef`));
    const own = makeTemporary(folder);
    expect(cleanTemporary(folder)).toBe(1);
    expect(readdirSync(folder).map((name) => join(folder, name))).toEqual([own]);
  });

  it('lets folders of another container be until they are old', () => {
    const folder = emptyFolder();
    const foreign = join(folder, 'nas-graph-1-9999999-5-abcdef');
    mkdirSync(foreign);
    expect(cleanTemporary(folder)).toBe(0);
    utimesSync(foreign, 1e9, 1e9);
    expect(cleanTemporary(folder)).toBe(1);
  });

  it('touches nothing else and needs no folder', () => {
    const folder = emptyFolder();
    const names = ['nas-graph-x', 'other-9999999-abc', 'nas-graph-1-2-abc'];
    names.forEach((name) => mkdirSync(join(folder, name)));
    writeFileSync(join(folder, 'file'), '');
    expect(cleanTemporary(folder)).toBe(0);
    expect(readdirSync(folder).sort()).toEqual([...names, 'file'].sort());
    expect(cleanTemporary(join(folder, 'absent'))).toBe(0);
  });
});

it.skipIf(!isSetUp)(`is done when a backend starts${isSetUp ? '' : ` (skipped: ${REASON})`}`, async () => {
  const { folder, make } = prepare(1);
  try {
    const child = await stuck(folder, 'loading');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(readdirSync(folder)).toHaveLength(1);
    await using backend = await make();
    expect(backend.info.backend).toBe('tensorflow');
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
