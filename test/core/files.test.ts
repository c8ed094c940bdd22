import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  decodeText,
  entryFile,
  isRunning,
  moveInto,
  processMark,
  readUserText,
  writeWhole,
} from '../../src/core/index.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nas-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('writeWhole', () => {
  it('replaces a file and leaves nothing next to it', () => {
    const path = join(folder, 'a');
    writeWhole(path, 'one');
    writeWhole(path, new Uint8Array([50]));
    expect(readFileSync(path, 'utf8')).toBe('2');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('keeps what is there when it cannot, and leaves nothing next to it', () => {
    const path = join(folder, 'a');
    mkdirSync(path);
    writeFileSync(join(path, 'inside'), '');
    expect(() => writeWhole(path, 'one')).toThrow(/EISDIR|ENOTEMPTY/);
    expect(readdirSync(folder)).toEqual(['a']);
    expect(() => writeWhole(join(folder, 'none', 'a'), 'one')).toThrow('ENOENT');
  });
});

describe('moveInto', () => {
  it('puts a folder in its place with all that is in it', async () => {
    mkdirSync(join(folder, 'draft'));
    writeFileSync(join(folder, 'draft', 'x'), 'y');
    await moveInto(join(folder, 'draft'), join(folder, 'done'));
    expect(readdirSync(folder)).toEqual(['done']);
    expect(readFileSync(join(folder, 'done', 'x'), 'utf8')).toBe('y');
  });
});

describe('text of a user', () => {
  it.each<[string, Uint8Array]>([
    ['UTF-8', Buffer.from('ä: 1\n')],
    ['UTF-8 with a mark', Buffer.from('\ufeffä: 1\n')],
    ['UTF-16, little end first', Buffer.from('\ufeffä: 1\n', 'utf16le')],
    ['UTF-16, big end first', Buffer.from('\ufeffä: 1\n', 'utf16le').swap16()],
  ])('is read as %s', (_, bytes) => expect(decodeText(bytes)).toEqual({ value: 'ä: 1\n' }));

  it('in another encoding is refused with its line', () => {
    expect(decodeText(Buffer.from('a\nb\n\xe4\n', 'latin1'))).toMatchObject({
      fault: expect.stringMatching(/^line 3:/) as string,
    });
    expect(decodeText(Buffer.from([0, 0, 0xfe, 0xff]))).toMatchObject({
      fault: expect.stringMatching(/UTF-32/) as string,
    });
    expect(decodeText(Buffer.from([0xff, 0xfe, 0x61, 0, 10, 0, 0, 0xd8]))).toMatchObject({
      fault: expect.stringMatching(/^line 2: broken UTF-16/) as string,
    });
  });

  it('is read to its last allowed byte, and no further', () => {
    const path = join(folder, 'a');
    writeFileSync(path, 'x'.repeat(100));
    expect(readUserText(path, 100)).toEqual({ value: 'x'.repeat(100) });
    expect(readUserText(path, 99)).toEqual({ fault: '100 bytes, more than 99 B' });
    expect(readUserText('/dev/zero', 1000)).toEqual({ fault: 'a device, not a plain file' });
    expect(readUserText(join(folder, 'none'), 9)).toMatchObject({
      unreadable: true,
      fault: expect.stringMatching(/ENOENT/) as string,
    });
  });
});

describe('entryFile', () => {
  it('lies next to the caller, for sources in what was built', () => {
    mkdirSync(join(folder, 'src', 'dist', 'room'), { recursive: true });
    mkdirSync(join(folder, 'src', 'src', 'room'), { recursive: true });
    const built = join(folder, 'src', 'dist', 'room', 'child.js');
    const source = pathToFileURL(join(folder, 'src', 'src', 'room', 'parent.ts')).href;
    expect(() => entryFile(source, 'child')).toThrow(
      expect.objectContaining({ code: 'NAS_NOT_BUILT', found: 'no dist/room/child.js' }),
    );
    writeFileSync(built, '');
    expect(entryFile(source, 'child')).toBe(built);
    expect(entryFile(pathToFileURL(join(folder, 'src', 'dist', 'room', 'parent.js')).href, 'child')).toBe(
      built,
    );
  });
});

describe('the mark of a process', () => {
  it('is that of a running one, of this start only', () => {
    const mark = processMark();
    const [space, pid, start] = mark.split('-');
    expect(Number(pid)).toBe(process.pid);
    expect(isRunning(mark)).toBe(true);
    expect(isRunning(`${space}-${pid}-${Number(start) + 1}`)).toBe(Number(start) === 0);
    expect(isRunning(`${Number(space) + 1}-${pid}-1`)).toBe(true);
    for (const wrong of ['', 'x', `${mark}-1`, `-${mark}`]) expect(isRunning(wrong)).toBe(false);
  });
});
