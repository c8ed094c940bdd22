import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleanFolders, ownFolder, removeFolder } from '../../src/core/index.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nas-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Number space, process and start in the name of a folder of this process. */
function ownParts(): readonly [string, string, number] {
  const made = ownFolder(folder, 'probe');
  const [, space, pid, start] = /^nas-probe-(\d+)-(\d+)-(\d+)-/.exec(basename(made))!;
  rmSync(made, { recursive: true });
  return [space!, pid!, Number(start)];
}

describe('folders of ended processes', () => {
  it('are removed, also with something in them, and only those of the kind', () => {
    const [space] = ownParts();
    mkdirSync(join(folder, `nas-probe-${space}-4194304-7-abcdef/deep/er`), { recursive: true });
    mkdirSync(join(folder, `nas-other-${space}-4194304-7-abcdef`));
    const own = ownFolder(folder, 'probe');
    expect(cleanFolders(folder, 'probe', 1)).toBe(1);
    expect(readdirSync(folder).sort()).toEqual([`nas-other-${space}-4194304-7-abcdef`, basename(own)].sort());
  });

  it('are distinguished from those of a new process of the same number', () => {
    const [space, pid, start] = ownParts();
    renameSync(ownFolder(folder, 'probe'), join(folder, `nas-probe-${space}-${pid}-${start - 1}-abcdef`));
    expect(cleanFolders(folder, 'probe', 1)).toBe(1);
  });

  it('of another container stay for as long as the kind is used', () => {
    const foreign = join(folder, 'nas-probe-1-4194304-7-abcdef');
    mkdirSync(foreign);
    const hoursAgo = Date.now() / 1000 - 10 * 3600;
    utimesSync(foreign, hoursAgo, hoursAgo);
    expect(cleanFolders(folder, 'probe', 11)).toBe(0);
    expect(cleanFolders(folder, 'probe', 9)).toBe(1);
  });

  it('need no parent, and are removed by hand as well', () => {
    expect(cleanFolders(join(folder, 'absent'), 'probe', 1)).toBe(0);
    expect(basename(ownFolder(join(folder, 'absent'), 'probe'))).toMatch(/^nas-probe-\d+-\d+-\d+-\w{6}$/);
    expect(removeFolder(join(folder, 'absent'))).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });
});
