import { cleanFolders, ownFolder } from '../../core/index.js';

/** A search may hold its folder for weeks, and a browser's profile is seldom written to. */
const FOREIGN_HOURS = 30 * 24;

/**
 * A new folder of this process below `parent`, after those of its kind were removed whose process is gone.
 * @param kind letters only
 */
export function ownTemporary(parent: string, kind: 'command' | 'chromium'): string {
  cleanFolders(parent, kind, FOREIGN_HOURS);
  return ownFolder(parent, kind);
}
