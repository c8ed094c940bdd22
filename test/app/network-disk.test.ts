import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { networkDisk, warnOfNetworkDisk } from '../../src/app/study/network-disk.js';
import { temporaryFolder } from './samples.js';

const line = (at: string, type: string): string =>
  `36 35 98:0 / ${at.replaceAll(' ', '\\040')} rw,noatime shared:1 - ${type} server:/export rw`;
const table = (...mounts: readonly (readonly [at: string, type: string])[]): string =>
  mounts.map(([at, type]) => line(at, type)).join('\n');

describe('the file system of a runs folder', () => {
  it.each(['nfs', 'nfs4', 'cifs', 'smb3', '9p', 'ceph', 'lustre', 'fuse.sshfs', 'fuse.rclone'])(
    'is found to be a network one: %s',
    (type) => {
      using folder = temporaryFolder();
      const { path } = folder;
      expect(networkDisk(path, table(['/', 'ext4'], [path, type]))).toEqual({ type, at: path });
      expect(networkDisk(join(path, 'not/yet/there'), table(['/', 'ext4'], [path, type]))).toEqual({
        type,
        at: path,
      });
    },
  );

  it.each(['ext4', 'xfs', 'btrfs', 'overlay', 'tmpfs', 'zfs', 'fuse.ntfs', 'fuseblk', 'virtiofs', 'nfsd'])(
    'is a local one: %s',
    (type) => {
      using folder = temporaryFolder();
      expect(networkDisk(folder.path, table(['/', 'nfs4'], [folder.path, type]))).toBeUndefined();
    },
  );

  it('is that of the nearest mount, the last one at a place, behind links and with blanks in names', () => {
    using folder = temporaryFolder();
    const disk = join(folder.path, 'my disk');
    mkdirSync(join(disk, 'runs'), { recursive: true });
    symlinkSync(join(disk, 'runs'), join(folder.path, 'runs'));
    const at = (...more: readonly (readonly [string, string])[]) =>
      networkDisk(join(folder.path, 'runs'), table(['/', 'ext4'], [disk, 'nfs4'], ...more));
    expect(at()).toEqual({ type: 'nfs4', at: disk });
    expect(at([`${disk}/runs`, 'ext4'])).toBeUndefined();
    expect(at([disk, 'xfs'])).toBeUndefined();
    expect(at([join(folder.path, 'my'), 'xfs'])).toEqual({ type: 'nfs4', at: disk });
    expect(networkDisk(disk, '')).toBeUndefined();
    expect(networkDisk(disk, 'no mount table\n - \n')).toBeUndefined();
  });

  it('is warned of once, with what to do', () => {
    using folder = temporaryFolder();
    const lines: string[] = [];
    const mounts = table(['/', 'ext4'], [folder.path, 'nfs4']);
    for (const name of ['a', 'b'])
      warnOfNetworkDisk(join(folder.path, name), (text) => lines.push(text), mounts);
    expect(lines).toEqual([
      expect.stringMatching(
        /^warning: .*a lies on a network file system \(nfs4, mounted at .*locks.*--runs DIR or NAS_RUNS[^\n]*$/,
      ),
    ]);
  });
});
