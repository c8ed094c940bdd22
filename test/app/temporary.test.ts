import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostSpec } from '../../src/app/study/host-spec.js';
import { temporaryFolder } from '../../src/app/temporary.js';
import { numberSpace } from '../../src/core/files/own-folder.js';
import { fakeStudy, placesIn } from './samples.js';

const KINDS = ['replay', 'target', 'doctor', 'command', 'chromium', 'graph'];

describe('what killed processes left in the temporary folder', () => {
  const before = process.env['TMPDIR'];
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nas-test-temporary-'));
    process.env['TMPDIR'] = folder;
    for (const kind of KINDS) mkdirSync(join(folder, `nas-${kind}-${numberSpace()}-4194304-1-abcdef`));
  });
  afterEach(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['replay', 'target', 'doctor'] as const)('is gone when the next folder is made: %s', (kind) => {
    const own = temporaryFolder(kind);
    expect(existsSync(own)).toBe(true);
    expect(readdirSync(folder)).toEqual([basename(own)]);
  });

  it('is gone when the next host starts', () => {
    const study = mkdtempSync(join(folder, 'study-'));
    hostSpec(fakeStudy(), placesIn(folder), study);
    expect(readdirSync(folder)).toEqual([basename(study)]);
  });
});
