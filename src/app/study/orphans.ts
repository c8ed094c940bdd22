import { isTimedAgain, type Trial, type TrialStore } from '../../trials/index.js';

/** Why a trial ends that an interruption left unfinished and that nothing takes up again. */
const REASON = 'interrupted, and not taken up again';

/**
 * Ends what an interrupted NetAdapt, retraining or change of the device left unfinished, so that no trial is shown as
 * running for ever. Of a search nothing is: it takes its own up again.
 * @param goesOn whether the work about to begin takes the trial up
 */
export function endOrphans(store: TrialStore, goesOn: (trial: Trial) => boolean = () => false): void {
  const left = [...store.trials({ states: ['running'] })];
  for (const trial of left) {
    const sampled = trial.kind === 'sample' && !isTimedAgain(trial);
    if (sampled || goesOn(trial)) continue;
    const nothing = { latency: null, curve: [], seconds: 0 };
    store.finish(trial.id, { state: 'stopped', reason: REASON, ...nothing }, null, store.strategyState());
  }
}

/** Whether a trial was begun by the refinement of `seed` to a target. */
export function isOfRefinement(store: TrialStore, trial: Trial, seed: number, targetMs: number): boolean {
  const { note } = trial;
  if (trial.kind === 'retrain' || note === null || typeof note !== 'object') return false;
  if (!('targetMs' in note) || note.targetMs !== targetMs) return false;
  let { parent } = trial;
  while (parent !== null && parent !== seed) {
    const above = store.trial(parent);
    parent = above?.kind === 'netadapt' ? above.parent : null;
  }
  return parent === seed;
}
