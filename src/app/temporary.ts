import { tmpdir } from 'node:os';
import { cleanFolders, ownFolder } from '../core/index.js';

/** What processes of ours make in the temporary folder, whichever room made it. */
const KINDS = ['replay', 'target', 'doctor', 'command', 'chromium', 'graph', 'export', 'worker'] as const;
/** A search may hold its folder for weeks. */
const FOREIGN_HOURS = 30 * 24;

/** Removes what killed processes left in the temporary folder. */
export function sweepTemporary(): void {
  for (const kind of KINDS) cleanFolders(tmpdir(), kind, FOREIGN_HOURS);
}

/** A new temporary folder of this process, which removes it; if it is killed, the next one does. */
export function temporaryFolder(kind: 'replay' | 'target' | 'doctor' | 'export' | 'worker'): string {
  sweepTemporary();
  return ownFolder(tmpdir(), kind);
}
