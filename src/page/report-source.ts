import type { StudyView, TrialView } from '../report/view/view.js';
import { Refusal, type Source } from './source.js';

/** What `nas report` writes into the page. */
interface Embedded {
  readonly study: StudyView;
  /** Trials by number; the interesting ones only. */
  readonly trials: Readonly<Record<string, TrialView>>;
}

/** The report's own data, or null where the page comes from a server. */
export function reportSource(): Source | null {
  const element = document.getElementById('nas-view');
  if (element === null) return null;
  const { study, trials } = JSON.parse(element.textContent) as Embedded;
  const { head } = study;
  return {
    report: head.name,
    studies: () => Promise.resolve([]),
    study: () => Promise.resolve(study),
    trial(_, trial) {
      const view = Object.hasOwn(trials, String(trial)) ? trials[String(trial)] : undefined;
      if (view !== undefined) return Promise.resolve(view);
      return Promise.reject(
        new Refusal(404, {
          code: 'NAS_TRIAL_MISSING',
          found: `this report holds no page of trial ${trial}`,
          fix: `nas show ${trial} --study ${head.name}, or nas dashboard, has every trial`,
        }),
      );
    },
    matching: null,
    watch: () => undefined,
  };
}
