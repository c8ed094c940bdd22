import type { StudyView } from './view.js';

/** What the dashboard's server sends its page, in addition to {@link StudyView} and TrialView. All of it is JSON. */

/** A study of the runs folder as a list shows it. */
export type StudyCard = ReadableStudy | UnreadableStudy;

export interface ReadableStudy {
  readonly name: string;
  readonly problem: null;
  readonly space: string;
  readonly data: string;
  readonly targetMs: number | null;
  readonly trials: number;
  readonly done: number;
  /** The retrained network, evaluated on the test set; null where none was. */
  readonly result: {
    readonly trial: number;
    readonly accuracy: number;
    readonly latencyMs: number;
    readonly meets: boolean;
  } | null;
  /** The best of the search on held-out pictures, within the targets. */
  readonly best: { readonly trial: number; readonly accuracy: number; readonly latencyMs: number } | null;
  /** When its file was last written, in ms since 1970. */
  readonly writtenAt: number;
  readonly running: boolean;
}

export interface UnreadableStudy {
  readonly name: string;
  readonly problem: Problem;
}

/** Why there is no answer: an error of the user or the environment, with its fix. */
export interface Problem {
  readonly code: string;
  readonly found: string;
  readonly expected?: string;
  readonly fix?: string;
}

/** A study, of its points only those from index `from` on: finished trials never change, so earlier ones are known. */
export interface StudyPart {
  readonly from: number;
  readonly view: StudyView;
}

/** An event of `/api/events`: studies whose file was written, made or removed since the last one. */
export interface Change {
  readonly studies: readonly string[];
}
