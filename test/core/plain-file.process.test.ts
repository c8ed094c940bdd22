import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  draftOf,
  processMark,
  readPlainFile,
  readPlainFileSync,
  readUserText,
  removeDrafts,
  requirePlainFile,
  writeWhole,
} from '../../src/core/index.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plain-file-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function pipe(): string {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  return path;
}

describe('a path that leads to no plain file', () => {
  it.each([
    ['a named pipe', pipe],
    [
      'a named pipe',
      () => {
        symlinkSync(pipe(), join(folder, 'link'));
        return join(folder, 'link');
      },
    ],
    ['a device', () => '/dev/zero'],
    ['a folder', () => folder],
  ])('is refused immediately: %s', async (what, make) => {
    const path = make();
    const refused = expect.objectContaining({ code: 'NAS_NOT_A_FILE', found: `${path} is ${what}` }) as Error;
    expect(() => {
      requirePlainFile(path);
    }).toThrow(refused);
    expect(() => readPlainFileSync(path)).toThrow(refused);
    await expect(readPlainFile(path)).rejects.toEqual(refused);
    expect(readUserText(path, 1000)).toMatchObject({ fault: expect.stringContaining(what) as string });
    expect(() => {
      writeWhole(path, 'x');
    }).toThrow(what === 'a folder' ? /EISDIR|ENOTEMPTY/ : refused);
  });

  it('is not one with a plain file, or with nothing there', async () => {
    const path = join(folder, 'file');
    requirePlainFile(path);
    expect(() => readPlainFileSync(path)).toThrow(/ENOENT/);
    await expect(readPlainFile(path)).rejects.toThrow(/ENOENT/);
    writeWhole(path, 'text');
    requirePlainFile(path);
    expect(readPlainFileSync(path).toString()).toBe('text');
    expect((await readPlainFile(path)).toString()).toBe('text');
    expect(readPlainFileSync('/proc/self/stat').toString()).toContain(String(process.pid));
  });
});

describe('what a killed process left of a file', () => {
  it('is gone once the file is written again; of a running one, and other files, it stays', () => {
    const path = join(folder, 'report.html');
    const [space, pid, start] = processMark().split('-');
    const dead = `${space}-${pid}-${Number(start) + 1}`;
    const draft = draftOf(path);
    const kept = [draft, `${path}.${process.pid}.new`, `${path}.new`, join(folder, `other.${dead}.0.1.new`)];
    const left = [
      `${path}.${dead}.0.3.new`,
      `${path}.${2 ** 22 + 1}.new`,
      `${path}.${dead}.0.3.new.${dead}.0.4.new`,
    ];
    for (const file of [...kept, ...left]) writeFileSync(file, 'half');
    mkdirSync(`${path}.${dead}.1.2.old/inside`, { recursive: true });
    writeWhole(path, 'whole');
    expect(readFileSync(path, 'utf8')).toBe('whole');
    expect(
      readdirSync(folder)
        .map((name) => join(folder, name))
        .sort(),
    ).toEqual([...kept, path].sort());
    removeDrafts(join(folder, 'nowhere', 'file'));
  });
});
