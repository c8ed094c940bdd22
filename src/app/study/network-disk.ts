import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** A file system that other computers use as well, or that is reached over a network. */
export interface NetworkDisk {
  /** The system's name for its kind: `nfs4`, `cifs`, `fuse.sshfs`. */
  readonly type: string;
  /** Where it is mounted. */
  readonly at: string;
}

/** Kinds whose locks or renames may not hold for all who use them, in the kernel's names (FUSE's with its program's). */
const TYPES =
  /^(nfs\d?|cifs|smb\d?|smbfs|ncpfs|9p|afs|coda|ceph|lustre|gpfs|beegfs|pvfs2|orangefs|glusterfs|davfs|fuse\.(sshfs|rclone|s3fs|gcsfuse|goofys|mount-s3|blobfuse2?|glusterfs|ceph|ceph-fuse|davfs2?|juicefs|curlftpfs|smbnetfs|afpfs|gvfsd-fuse|hdfs|moosefs|mfs))$/;

/** The mount table of this process (proc(5)), '' where there is none. */
function mountTable(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    return '';
  }
}

/**
 * The network disk that a folder, which need not be there yet, lies on; undefined for a local one.
 * @param table lines of `/proc/self/mountinfo`
 */
export function networkDisk(folder: string, table = mountTable()): NetworkDisk | undefined {
  const place = realPlace(folder);
  let found: NetworkDisk | undefined;
  for (const line of table.split('\n')) {
    const [mount = '', system] = line.split(' - ', 2);
    const at = unescape(mount.split(' ')[4] ?? '');
    const type = system?.split(' ')[0];
    if (type === undefined || !isBelow(place, at)) continue;
    // Of two at one place the later one hides the other.
    if (found === undefined || at.length >= found.at.length) found = { type, at };
  }
  return found !== undefined && TYPES.test(found.type) ? found : undefined;
}

const warned = new Set<string>();

/** Says once per process and disk what may happen to studies on it. */
export function warnOfNetworkDisk(folder: string, notice: (text: string) => void, table?: string): void {
  const disk = networkDisk(folder, table);
  if (disk === undefined || warned.has(disk.at)) return;
  warned.add(disk.at);
  notice(
    `warning: ${folder} lies on a network file system (${disk.type}, mounted at ${disk.at}), whose locks may not hold: ` +
      `a second writer may get in, and finished trials may be lost or the database damaged; keep studies on a local ` +
      `disk (--runs DIR or NAS_RUNS) and copy them when no command runs`,
  );
}

/** The folder, or the nearest one above it that is there, without links. */
function realPlace(folder: string): string {
  let place = resolve(folder);
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  return realpathSync(place);
}

function isBelow(place: string, at: string): boolean {
  return at === '/' || place === at || place.startsWith(`${at}/`);
}

/** Blanks, tabs, line feeds and backslashes stand as `\040` and so on. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
