import {
  beginStudy,
  bestSeed,
  checkOptions,
  givenNetwork,
  meantStudy,
  prepareStudy,
  resumeSession,
  studyFolder,
  trialOfGiven,
  type Listener,
  type Session,
  type SessionOptions,
  type StudySpec,
} from '../app/index.js';
import { NasError } from '../core/index.js';
import { listStudies } from '../trials/index.js';
import { GIVEN_EPOCHS, type RefineOptions } from './refine-options.js';
import { withExtrapolation } from './resumed-spec.js';
import { studyOptionsOf, type StudyOptions } from './study-options.js';

/** What `netadapt refine` works on. */
export interface RefinedNetwork {
  readonly study: string;
  readonly session: Session;
  /** The number of the trial to shrink, trained first where it is a new one; undefined when that was interrupted. */
  trial(listen: Listener): Promise<number | undefined>;
}

/** The study of a network that is named, unless `--study` names it. */
const STUDY = 'netadapt';

/**
 * Opens the study of a trial, or makes one for a network that is named: a preset, text form or file. The same
 * command again resumes that study.
 * @throws NasError `NAS_NO_TRIAL`, and what study, network and weights find
 */
export async function refinedNetwork(
  named: string | undefined,
  options: RefineOptions,
  session: SessionOptions,
): Promise<RefinedNetwork> {
  if (named === undefined && options.best !== true)
    throw new NasError({
      code: 'NAS_NO_TRIAL',
      found: 'no network named',
      fix: 'name a trial, say --best, or name a preset for a new study',
    });
  if (named === undefined || /^\d+$/.test(named)) return ofTrial(named, options, session);
  return ofNetwork(named, options, session);
}

async function ofTrial(
  named: string | undefined,
  options: RefineOptions,
  opening: SessionOptions,
): Promise<RefinedNetwork> {
  for (const option of ['weights', 'data', 'size', 'limit', 'epochs', 'backend'] as const)
    if (options[option] !== undefined)
      throw new NasError({
        code: 'NAS_BAD_CONFIG',
        found: `--${option} for a trial`,
        expected: 'a preset, text form or file, for which a new study is made',
      });
  const study = meantStudy(opening.places, options.study);
  const session = await resumeSession(study, opening, (spec) => withRefine(spec, options));
  return {
    study,
    session,
    async trial() {
      // Before the best is chosen: it is another one on another device.
      if (options.newDevice === true) await session.pool();
      return named === undefined ? bestSeed(session.store, session.spec.latency.targetMs) : Number(named);
    },
  };
}

async function ofNetwork(
  named: string,
  options: RefineOptions,
  opening: SessionOptions,
): Promise<RefinedNetwork> {
  const study = options.study ?? STUDY;
  const { places, notice } = opening;
  const given = { name: named, weights: options.weights, library: options.weightsFrom };
  const resumes = listStudies(places.runs).includes(study);
  const session = resumes
    ? await resumeSession(study, opening, (spec) => withRefine(spec, options))
    : undefined;
  if (session !== undefined) {
    const network = await givenNetwork(given, session.spec);
    return { study, session, trial: (listen) => trialOfGiven(session, network, listen) };
  }
  const requested = studyOptionsOf(newStudyOptions(options), study, [options.targetLatency], places);
  await checkOptions(requested, places, opening.signal, opening.queue !== undefined);
  const prepared = await prepareStudy(requested, (text) => notice?.(text));
  const network = await givenNetwork(given, prepared.spec);
  for (const text of network.notices) notice?.(text);
  notice?.(
    `study ${study} in ${studyFolder(places, study)}: ${opening.queue === undefined ? 'starting the host' : 'waiting for workers'} …`,
  );
  const spec = withRefine(prepared.spec, options);
  const begun = await beginStudy({ ...prepared, spec }, opening);
  return { study, session: begun, trial: (listen) => trialOfGiven(begun, network, listen) };
}

/** What of the options makes the study. */
function newStudyOptions(options: RefineOptions): StudyOptions {
  // Those of the same names that mean something else here: the time and steps of NetAdapt.
  const { time: _time, steps: _steps, ...rest } = options;
  return { ...rest, epochs: options.epochs ?? GIVEN_EPOCHS };
}

function withRefine(spec: StudySpec, options: RefineOptions): StudySpec {
  return {
    ...withExtrapolation(spec, options),
    refine: {
      ...spec.refine,
      ...(options.dimensions === undefined ? {} : { dimensions: options.dimensions }),
      ...(options.criterion === undefined ? {} : { criterion: options.criterion }),
      ...(options.stepCriterion === undefined ? {} : { stepCriterion: options.stepCriterion }),
      delta: options.delta ?? spec.refine.delta,
      proposals: options.proposals ?? spec.refine.proposals,
      finetune: {
        ...spec.refine.finetune,
        maxSteps: options.finetuneSteps ?? spec.refine.finetune.maxSteps,
      },
    },
    host: { ...spec.host, workers: options.workers ?? spec.host.workers },
  };
}
