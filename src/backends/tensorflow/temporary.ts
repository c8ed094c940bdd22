import { cleanFolders, ownFolder } from '../../core/index.js';

const KIND = 'graph';
/** A graph's folder is needed for less than a second. */
const FOREIGN_HOURS = 1;

/** Makes a folder for a graph; its name holds which process is writing there. */
export const makeTemporary = (folder: string): string => ownFolder(folder, KIND);

/** Removes graphs' folders that processes left behind that no longer run. Returns how many. */
export const cleanTemporary = (folder: string): number => cleanFolders(folder, KIND, FOREIGN_HOURS);
