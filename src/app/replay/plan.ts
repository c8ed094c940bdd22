import { NasError } from '../../core/index.js';
import { surgeryOf } from '../../netadapt/index.js';
import type { CurvePoint, Job, TrainingPlan, Trial, TrialReader } from '../../trials/index.js';
import { finalStartOf } from '../retrain/phase.js';
import { requireTrial } from '../refine/phase.js';
import { againOf } from '../study/new-device.js';
import type { StudySpec } from '../study/spec.js';

/** How a trial was trained. */
export interface Training {
  readonly seed: string;
  readonly start: Job['start'];
  readonly plan: TrainingPlan;
  readonly evaluationSplit: Job['evaluationSplit'];
  /** Whether the same plan gives the same steps and rates as then: not where a time limit cut the schedule. */
  readonly exact: boolean;
}

/**
 * How a trial of any kind was trained, from what the study stores.
 * @throws NasError `NAS_TRIAL_NOT_DONE` for a trial that runs or was stopped, `NAS_TRIAL_MISSING`, `NAS_NO_WEIGHTS`
 */
export function trainingOf(reader: TrialReader, spec: StudySpec, trial: Trial): Training {
  if (trial.state === 'running' || trial.state === 'stopped') {
    throw new NasError({
      code: 'NAS_TRIAL_NOT_DONE',
      found: `trial ${trial.id} is ${trial.state}`,
      expected: 'a trial that ended by itself',
      fix: 'choose one of nas trials --state done,infeasible,failed',
    });
  }
  const again = againOf(trial);
  // It has the training of the trial that it times again.
  if (again !== undefined) return trainingOf(reader, spec, requireTrial(reader, again));
  const { seed } = trial;
  const curve = trial.outcome !== null && 'curve' in trial.outcome ? trial.outcome.curve : [];
  switch (trial.kind) {
    case 'sample':
      return {
        seed,
        start: { kind: 'random' },
        evaluationSplit: 'validation',
        ...asTrained(spec.proxy, curve),
      };
    case 'retrain':
      return {
        ...{ seed, evaluationSplit: 'test' },
        ...(finalStartOf(trial.note) === 'finetune'
          ? {
              start: startFrom(reader, trial),
              ...asTrained({ ...spec.final, learningRate: spec.refine.finetune.learningRate }, curve),
            }
          : { start: { kind: 'random' }, ...asTrained(spec.final, curve) }),
      };
    case 'proposal': {
      const plan = asTrained(spec.refine.finetune, curve);
      return { seed, start: startFrom(reader, trial), evaluationSplit: 'validation', ...plan };
    }
    // An accepted step is its proposal, taken.
    case 'netadapt':
      return trainingOf(reader, spec, requireTrial(reader, proposalOf(trial)));
  }
}

function startFrom(reader: TrialReader, trial: Trial): Job['start'] {
  const parent = trial.parent === null ? undefined : reader.trial(trial.parent);
  const checkpoint = parent?.outcome?.state === 'done' ? parent.outcome.checkpoint : null;
  if (parent !== undefined && checkpoint !== null)
    return { kind: 'surgery', checkpoint, text: parent.text, ...surgeryOf(trial) };
  throw new NasError({
    code: 'NAS_NO_WEIGHTS',
    found: `trial ${trial.id} was fine-tuned from trial ${trial.parent ?? '?'}, which kept no weights`,
    fix: 'replay a trial that was trained from scratch',
  });
}

function proposalOf({ id, note }: Trial): number {
  if (note !== null && typeof note === 'object' && 'proposal' in note && typeof note.proposal === 'number')
    return note.proposal;
  throw new NasError({
    code: 'NAS_NO_WEIGHTS',
    found: `trial ${id} does not say which proposal it was`,
    fix: 'replay a trial that was trained from scratch',
  });
}

/**
 * The plan as it was followed: options of one run (`--epochs`, `--finetune-steps`, `--time`) are not part of the study,
 * but the last point of the curve says how many epochs and steps there were.
 */
export function asTrained(
  plan: TrainingPlan,
  curve: readonly Pick<CurvePoint, 'epoch' | 'step'>[],
): { readonly plan: TrainingPlan; readonly exact: boolean } {
  const last = curve.at(-1);
  if (last === undefined || last.epoch <= 0) return { plan, exact: true };
  const perEpoch = Math.round(last.step / last.epoch);
  const planned = Math.max(1, Math.round(plan.epochs * perEpoch));
  const steps = plan.maxSteps === null ? planned : Math.min(planned, plan.maxSteps);
  if (steps === last.step) return { plan, exact: true };
  const whole = last.step === Math.round(last.epoch) * perEpoch;
  if (whole && plan.maxSteps === null)
    return { plan: { ...plan, epochs: Math.round(last.epoch) }, exact: true };
  return {
    plan: { ...plan, epochs: Math.max(plan.epochs, Math.ceil(last.epoch)), maxSteps: last.step },
    exact: plan.schedule === 'constant',
  };
}
