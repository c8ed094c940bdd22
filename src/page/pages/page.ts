import type { Source } from '../source.js';

/** What stands below the header; it is rebuilt for each address. */
export interface Page {
  readonly title: string;
  readonly element: HTMLElement;
  /** Reads its data again; called at first, and whenever one of its studies was written. */
  refresh(): Promise<void>;
  /** Studies whose changes it wants to hear of; all where null. */
  readonly studies: readonly string[] | null;
}

export interface PageContext {
  readonly source: Source;
}
