import { now } from '../../core/index.js';
import {
  nameValues,
  studyView,
  trialView,
  type StudyHead,
  type StudyView,
  type TrialView,
} from '../../report/index.js';
import type { Choice } from '../../space/index.js';
import type { TrialReader } from '../../trials/index.js';
import { scalingGain } from '../start/finalists.js';
import { readStatus } from '../study/status.js';
import { spaceOf } from '../study/session.js';
import type { StudySpec } from '../study/spec.js';
import { specOf } from '../study/studies.js';

/**
 * All that a page shows of a study. Reads the store only, so it neither blocks a search nor needs one.
 * @throws NasError `NAS_BAD_CONFIG` for a specification that is not one of ours
 */
export function viewOfStudy(reader: TrialReader): StudyView {
  const spec = specOf(reader);
  return studyView(reader, {
    head: headOf(reader, spec),
    targetMs: spec.latency.targetMs,
    classes: spec.task.classes,
    choices: choicesOf(reader, spec),
    pool: readStatus(reader),
    scaling: scalingGain(reader) ?? null,
    asOf: now(),
  });
}

/**
 * One trial's page; undefined where the study has no such trial.
 * @throws NasError as {@link viewOfStudy}
 */
export function viewOfTrial(reader: TrialReader, id: number): TrialView | undefined {
  return viewsOfTrials(reader, [id])[0];
}

/** Several trials' pages; those that the study lacks are left out. @throws NasError as {@link viewOfStudy} */
export function viewsOfTrials(reader: TrialReader, ids: readonly number[]): readonly TrialView[] {
  const spec = specOf(reader);
  const facts = { targetMs: spec.latency.targetMs, choices: choicesOf(reader, spec) };
  return ids.flatMap((id) => trialView(reader, id, facts) ?? []);
}

function headOf({ study }: TrialReader, spec: StudySpec): StudyHead {
  const { latency } = spec;
  return {
    name: study.name,
    space: spec.space.name,
    data: spec.data.name,
    strategy: spec.strategy.name,
    seed: study.seed,
    createdAt: study.createdAt,
    targets: [
      { platform: latency.platform, targetMs: latency.targetMs },
      ...latency.also.map(({ platform, targetMs }) => ({ platform, targetMs })),
    ],
    settings: nameValues(shown(spec)),
    environment: nameValues(study.environment),
  };
}

/** The specification without what is shown elsewhere and without a whole file's text. */
function shown({ version: _version, study: _study, space, ...rest }: StudySpec) {
  return { space: space.name, ...rest };
}

/** Null where the space is another one than that the study was made with, or cannot be had any more. */
function choicesOf({ study }: TrialReader, spec: StudySpec): readonly Choice[] | null {
  try {
    const space = spaceOf(spec);
    return space.digest === study.spaceDigest ? space.choices : null;
  } catch {
    return null;
  }
}
