import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findChromium } from '../../../src/latency/devices/chromium/executable.js';
import { temporaryFolder } from './chromium.js';

function program(folder: string, name: string, mode = 0o755): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, '#!/bin/sh\n', { mode });
  return path;
}

describe('which Chromium', () => {
  it('prefers chromium over the other names, for any order of the folders', () => {
    using folder = temporaryFolder();
    const [a, b] = [join(folder.path, 'a'), join(folder.path, 'b')];
    const chrome = program(a, 'google-chrome');
    const environment = { PATH: `/nowhere::${a}:${b}` };
    expect(findChromium(environment)).toBe(chrome);
    const chromium = program(b, 'chromium');
    expect(findChromium(environment)).toBe(chromium);
  });

  it('takes the one that NAS_CHROMIUM names, and no other', () => {
    using folder = temporaryFolder();
    const found = program(folder.path, 'chromium');
    const mine = program(join(folder.path, 'mine'), 'chrome-beta');
    expect(findChromium({ PATH: folder.path, NAS_CHROMIUM: mine })).toBe(mine);
    expect(findChromium({ PATH: folder.path, NAS_CHROMIUM: '' })).toBe(found);
    for (const wrong of [folder.path, join(folder.path, 'none'), program(folder.path, 'text', 0o644)])
      expect(() => findChromium({ PATH: folder.path, NAS_CHROMIUM: wrong })).toThrow(
        expect.objectContaining({ code: 'NAS_NO_CHROMIUM' }) as Error,
      );
  });

  it('says what to do when there is none', () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'chromium'));
    for (const environment of [{}, { PATH: folder.path }])
      expect(() => findChromium(environment)).toThrow(
        expect.objectContaining({
          code: 'NAS_NO_CHROMIUM',
          fix: expect.stringContaining('NAS_CHROMIUM') as string,
        }) as Error,
      );
  });
});
