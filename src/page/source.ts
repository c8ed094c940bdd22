import type { Problem, StudyCard } from '../report/view/page-api.js';
import type { StudyView, TrialView } from '../report/view/view.js';

/** Where the page has its data from: a server that watches the studies, or what a report holds. */
export interface Source {
  /** A report holds one study and one moment. */
  readonly report: string | null;
  studies(): Promise<readonly StudyCard[]>;
  study(name: string): Promise<StudyView>;
  trial(study: string, trial: number): Promise<TrialView>;
  /** Numbers of the trials for which an expression holds; null where unknown. */
  readonly matching: ((study: string, where: string) => Promise<readonly number[]>) | null;
  /** Calls back when studies were written, and when the connection is lost (false) or there (true). */
  watch(changed: (studies: readonly string[]) => void, connected: (there: boolean) => void): void;
}

/** A refusal of the server, in its words. */
export class Refusal extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super(problem.found);
    this.status = status;
    this.problem = problem;
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof Refusal) return error.problem;
  return {
    code: 'NAS_DASHBOARD_LOST',
    found: 'the dashboard does not answer',
    fix: 'see whether nas dashboard still runs; this page then continues by itself',
  };
}
