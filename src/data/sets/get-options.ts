import type { Environment } from '../../process/index.js';
import type { RunCommand } from './debian.js';

export interface GetProgress {
  readonly text: string;
  /** Share of this step, 0 … 1; null when unknown. */
  readonly done: number | null;
}

export interface GetOptions {
  /** Where data sets live; the data set gets a folder of its name there. */
  readonly folder: string;
  /** A folder that has the publisher's files; nothing else is tried then. */
  readonly from?: string;
  /** Whether Debian's package may be downloaded, from the mirrors that this system's apt knows. */
  readonly mayDownloadPackage: boolean;
  /** For apt: PATH and proxies are taken from it. @default nothing, so that no program is found */
  readonly env?: Environment;
  /** Downloads from this URL in place of the publisher's. */
  readonly mirror?: string;
  readonly onProgress?: (progress: GetProgress) => void;
  readonly signal?: AbortSignal;
}

/** The surroundings, replaced in tests. */
export interface Surroundings {
  readonly debianFolder: string;
  readonly run: RunCommand;
}

export interface GetResult {
  readonly name: string;
  readonly folder: string;
  /** `present`: nothing had to be done. */
  readonly source: 'present' | 'folder' | 'debian' | 'download';
}
