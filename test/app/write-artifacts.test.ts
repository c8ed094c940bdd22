import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requireRoom, writeArtifacts } from '../../src/app/export/write-artifacts.js';
import { processMark } from '../../src/core/index.js';
import type { Artifact } from '../../src/export/index.js';
import { temporaryFolder } from './samples.js';

const file = (path: string, text: string): Artifact => ({
  path,
  bytes: new TextEncoder().encode(text),
  mediaType: 'text/plain',
});
const artifacts = [file('model.json', 'new'), file('metadata.json', 'new')];

describe('a folder to export to', () => {
  it('that is a file, or holds others, is refused in one error', () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'file'), '');
    for (const place of [join(folder.path, 'file'), folder.path])
      expect(() => {
        requireRoom(place, artifacts);
      }).toThrow(expect.objectContaining({ code: 'NAS_FOLDER_IN_USE' }));
  });

  it('is replaced as a whole: nothing of an earlier export stays, and nothing next to it', () => {
    using folder = temporaryFolder();
    const place = join(folder.path, 'out');
    writeArtifacts(place, [...artifacts, file('group1-shard2of2.bin', 'old')]);
    requireRoom(place, artifacts);
    writeArtifacts(place, artifacts);
    expect(readdirSync(place).sort()).toEqual(['metadata.json', 'model.json']);
    expect(readdirSync(folder.path)).toEqual(['out']);
  });

  it('is left as it was when a file cannot be written', () => {
    using folder = temporaryFolder();
    const place = join(folder.path, 'out');
    writeArtifacts(place, [file('model.json', 'old')]);
    const bad = [file('model.json', 'new'), file('model.json/inside', 'new')];
    expect(() => {
      writeArtifacts(place, bad);
    }).toThrow(expect.objectContaining({ code: 'NAS_NOT_WRITABLE' }));
    expect(readFileSync(join(place, 'model.json'), 'utf8')).toBe('old');
    expect(readdirSync(folder.path)).toEqual(['out']);
  });

  it('is put back where a killed export had moved it away, and nothing of that one stays', () => {
    using folder = temporaryFolder();
    const place = join(folder.path, 'out');
    const [space, pid, start] = processMark().split('-');
    const dead = `${space}-${pid}-${Number(start) + 1}`;
    const leave = (...suffixes: readonly string[]): void => {
      for (const suffix of suffixes) {
        mkdirSync(`${place}.${suffix}`);
        writeFileSync(join(`${place}.${suffix}`, 'model.json'), 'old');
      }
    };
    leave(`${dead}.0.1.new`, `${dead}.0.2.old`);
    const bad = [file('model.json', 'new'), file('model.json/inside', 'new')];
    expect(() => {
      writeArtifacts(place, bad);
    }).toThrow(expect.objectContaining({ code: 'NAS_NOT_WRITABLE' }));
    expect(readFileSync(join(place, 'model.json'), 'utf8')).toBe('old');
    expect(readdirSync(folder.path)).toEqual(['out']);
    // Of an earlier version, killed before it had removed the export that it replaced; and of one that still runs.
    leave(`${2 ** 22 + 1}.old`, `${process.pid}.old`);
    writeArtifacts(place, artifacts);
    expect(readFileSync(join(place, 'model.json'), 'utf8')).toBe('new');
    expect(readdirSync(folder.path).sort()).toEqual(['out', `out.${process.pid}.old`]);
  });

  it('that is a link stays one', () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'disk'));
    symlinkSync(join(folder.path, 'disk'), join(folder.path, 'link'));
    writeArtifacts(join(folder.path, 'link'), artifacts);
    expect(readdirSync(join(folder.path, 'disk')).sort()).toEqual(['metadata.json', 'model.json']);
    expect(readdirSync(folder.path).sort()).toEqual(['disk', 'link']);
  });
});
