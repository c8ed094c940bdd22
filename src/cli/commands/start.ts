import { Command, Option } from 'commander';
import {
  followUp,
  beginStudy,
  checkOptions,
  chooseTarget,
  DEFAULTS,
  places,
  prepareStudy,
  resumeSession,
  runClock,
  scalingGain,
  sharesOf,
  wholeRun,
  withTarget,
  type Places,
  type Session,
  type WholeRun,
} from '../../app/index.js';
import { formatDuration, formatMs, formatPercent, isNasError, NasError } from '../../core/index.js';
import { getData } from '../../data/index.js';
import { architecturePicture, scalingText, targetText, trialTable } from '../../report/index.js';
import { parseArchitecture } from '../../space/index.js';
import { bestSoFar, frontier, trialRow } from '../../trials/index.js';
import { collect } from '../aims.js';
import { interruption } from '../interrupt.js';
import { dataFolderOption, latency, newDeviceOption, runsOption } from '../options.js';
import { EXIT, type Output } from '../output.js';
import { addQueueOptions, queueChoice, type QueueOptions } from '../queue-options.js';
import { resumedSpec } from '../resumed-spec.js';
import { studyPicture } from '../study-picture.js';
import { studyToRun } from '../study-to-run.js';
import { progressView } from '../progress.js';
import { targetEnd } from '../target-end.js';
import { addStudyOptions, studyOptionsOf, type StudyOptions } from '../study-options.js';

type StartOptions = StudyOptions &
  QueueOptions & {
    readonly targetLatency?: readonly number[];
    readonly time: number;
    readonly study?: string;
    readonly newDevice?: boolean;
    readonly runs?: string;
    readonly dataFolder?: string;
  };

/** `nas start`: the whole recipe from one command – data, search, NetAdapt, retraining, export. */
export function startCommand(output: Output): Command {
  const command = new Command('start')
    .description(
      'the whole recipe: data, search, NetAdapt, retraining, export; run again to resume after an interruption',
    )
    .addOption(
      new Option(
        '--target-latency <time>',
        'latency limit (default: chosen by timing random networks)',
      ).argParser(collect(latency)),
    )
    .option('--study <name>', 'name of the study (default: start-1, start-2, …)')
    .addOption(newDeviceOption())
    .addOption(runsOption())
    .addOption(dataFolderOption());
  addStudyOptions(command, {
    time: TIME_SECONDS,
    steps: QUICK_STEPS,
    limit: `${SEARCH_FACTOR} × target`,
    latencyBatch: `${DEFAULTS.latencyBatch}; where it chooses the target, ${OWN_BATCH} but for images:DIR`,
  });
  return addQueueOptions(command).action(async (options: StartOptions) => {
    const signal = interruption((text) => output.note(text));
    const where = places({ runs: options.runs, data: options.dataFolder });
    const timeGiven = command.getOptionValueSource('time') !== 'default';
    await using session = await sessionFor(options, timeGiven, where, signal, output);
    output.keepLost(session.log);
    process.exitCode = await runToEnd(session, output);
  });
}

/** Wall-clock budget of a run for which none is given. */
const TIME_SECONDS = 480;

/** A study that was not named and cannot be resumed like this is let be. */
const NOT_RESUMED = ['NAS_OTHER_STUDY', 'NAS_PLATFORM_UNTRUSTED'];

/**
 * Resumes or begins. A study that was not named is resumed only with the options it was made with: with others a new one
 * is begun, since they ask for something else.
 */
async function sessionFor(
  options: StartOptions,
  timeGiven: boolean,
  where: Places,
  signal: AbortSignal,
  output: Output,
): Promise<Session> {
  const { study, resumes, next } = studyToRun(where, options.study);
  if (!resumes) return begin(options, study, where, signal, output);
  const notice = (text: string): void => output.note(text);
  try {
    const session = await resumeSession(
      study,
      {
        ...{ places: where, signal, notice, platforms: options.platform, newDevice: options.newDevice },
        queue: queueChoice(options),
      },
      (spec) => {
        const resumed = resumedSpec(spec, options);
        return timeGiven
          ? resumed
          : { ...resumed, budget: { ...resumed.budget, seconds: spec.budget.seconds } };
      },
    );
    output.note(`resuming study ${study}`);
    return session;
  } catch (error) {
    if (options.study !== undefined || !isNasError(error) || !NOT_RESUMED.includes(error.code)) throw error;
    output.note(
      `${error.found}; beginning ${next} (${followUp(where, `nas start --study ${study}`)} resumes the other)`,
    );
    return begin(options, next, where, signal, output);
  }
}

async function begin(
  options: StartOptions,
  study: string,
  where: Places,
  signal: AbortSignal,
  output: Output,
): Promise<Session> {
  if (options.targetLatency === undefined && (options.platform?.length ?? 0) > 1)
    throw new NasError({
      code: 'NAS_NO_TARGET',
      found: 'several platforms without a target latency',
      fix: 'add --target-latency, one for all or one for each --platform',
    });
  const queue = queueChoice(options);
  if (options.targetLatency === undefined && queue !== undefined)
    throw new NasError({
      code: 'NAS_NO_TARGET',
      found: '--queue without a target latency',
      expected: 'a target for the device that the workers time on; this machine may be another one',
      fix: 'add --target-latency 2ms',
    });
  const requested = {
    ...studyOptionsOf(
      { steps: stepsFor(options.time), ...options },
      study,
      options.targetLatency ?? [1],
      where,
    ),
    searchFactor: refines(options.time) ? SEARCH_FACTOR : 1,
    ...QUICK_REFINE,
    latencyBatch:
      options.latencyBatch ?? (options.targetLatency === undefined ? ownBatch(options.data) : undefined),
  };
  await checkOptions(requested, where, signal, queue !== undefined);
  const data = requested.data.name;
  if (!data.startsWith('images:')) {
    await getData(data, {
      folder: where.data,
      mayDownloadPackage: true,
      env: process.env,
      signal,
      onProgress: ({ text }) => output.note(text),
    });
  }
  const notice = (text: string): void => output.note(text);
  const prepared = await prepareStudy(requested, notice);
  if (options.targetLatency !== undefined)
    return beginStudy(prepared, { places: where, signal, notice, queue });
  output.note('no --target-latency: timing random networks of the space to choose one …');
  const targetMs = await chooseTarget(prepared.spec, { places: where, signal });
  output.note(
    `target latency: ${formatMs(targetMs)} for ${batchText(prepared.spec.latency.batch)}, which a quarter of them meets`,
  );
  return beginStudy(withTarget(prepared, targetMs), { places: where, signal, notice });
}

/** Steps per candidate, so that some twenty candidates fit into the search's share of eight minutes on two cores. */
const QUICK_STEPS = 100;

/**
 * More time goes into longer trainings before it goes into more candidates: after 100 steps networks are ranked by how fast they learn.
 * The epoch that a candidate has at most still limits it.
 */
function stepsFor(seconds: number): number {
  return Math.round(QUICK_STEPS * Math.max(1, seconds / TIME_SECONDS));
}
/**
 * The batch of a target that this command chooses itself; one that a user names is for one picture. At batch 1 networks
 * for pictures of 28×28 or 32×32 spend most of their time on launching operations, which no narrower layer saves: a
 * batch of 8 shows what a network costs. Larger pictures are timed one by one.
 */
function ownBatch(data: string | undefined): number {
  return data?.startsWith('images:') === true ? DEFAULTS.latencyBatch : OWN_BATCH;
}

const OWN_BATCH = 8;

/** NetAdapt's steps, so that some fit into its share of the time. */
const QUICK_REFINE = { proposals: 4, finetuneSteps: 40 } as const;
/** The search looks up to a quarter above the target where NetAdapt has a share of the time to shrink from there. */
const SEARCH_FACTOR = 1.25;

function refines(seconds: number): boolean {
  return sharesOf(seconds).refine > 0;
}

async function runToEnd(session: Session, output: Output): Promise<number> {
  const { spec, store } = session;
  const { targetMs, searchFactor } = spec.latency;
  const clock = runClock(store, spec.budget.seconds);
  const view = progressView(output, await bestSoFar(store, targetMs), () => clock.leftSeconds());
  output.note(
    `study ${spec.study}: ${spec.data.name}, space ${spec.space.name}, ` +
      `target ${formatMs(targetMs)} for ${batchText(spec.latency.batch)}` +
      (searchFactor === 1
        ? ''
        : `; the search looks up to ${formatMs(targetMs * searchFactor)}, NetAdapt shrinks from there`),
  );
  const again = followUp(session.places, `nas start --study ${spec.study}`);
  try {
    const run = await wholeRun(session, clock, view.listen);
    if (run.ended === 'interrupted') {
      output.note(`stopped; resume with: ${again}`);
      return EXIT.interrupted;
    }
    const code = printEnd(session, run, output);
    if (run.ended === 'failed') output.note(`resume with: ${again}`);
    output.note(`took ${formatDuration(clock.usedSeconds())} in all`);
    return code;
  } catch (error) {
    const refused = isNasError(error) && error.code === 'NAS_STUDY_DEVICE';
    if (store.count() > 0 && !refused)
      output.note(`not finished; what is done is kept, and the same phase is tried again by: ${again}`);
    throw error;
  } finally {
    view.end();
  }
}

function batchText(batch: number): string {
  return batch === 1 ? 'one picture' : `a batch of ${batch}`;
}

/** Prints what came out, first of all whether it keeps the target; returns the exit code. */
function printEnd(
  { places: where, spec, store, folder }: Session,
  { final, origin, exported }: WholeRun,
  output: Output,
): number {
  const { targetMs } = spec.latency;
  const outcome = final?.outcome;
  const end = outcome?.state === 'done' ? targetEnd('the network', outcome.latency, targetMs) : undefined;
  if (end !== undefined && end.code !== EXIT.ok) output.print(`\n${end.text}`);
  const rows = store.rows({ states: ['done'] });
  const front = frontier(rows);
  output.print(`\n${studyPicture(store, targetMs, output)}\n\n`);
  output.print(`${trialTable([...front, ...(final === undefined ? [] : [trialRow(final)])], output)}\n\n`);
  if (final === undefined || outcome?.state !== 'done' || end === undefined) {
    const reason =
      outcome !== undefined && outcome !== null && 'reason' in outcome ? outcome.reason : 'unknown';
    output.print(`the chosen network was not retrained: ${reason}`);
    return EXIT.failed;
  }
  const { accuracy, latency: record } = outcome;
  output.print(`${architecturePicture(parseArchitecture(final.text), output)}\n\n`);
  output.print(
    `${formatPercent(accuracy)} on the test set of ${spec.data.name}, ${formatMs(record.medianMs)} ` +
      `(${record.source} on ${record.platform}, batch ${record.batch}): ${targetText(record, targetMs)}`,
  );
  if (origin?.kind === 'preset') {
    const { preset, multiplier } = origin.scaled;
    output.print(
      `this is ${preset} at ${multiplier} of its width: no network of the search was trained that meets the target`,
    );
  }
  if (origin?.kind === 'trial' && origin.fitted !== undefined)
    output.print(
      `this is trial ${origin.trial} with its widths times ${origin.fitted.factor.toFixed(2)}, which fits it to the target`,
    );
  const gain = origin?.kind === 'trial' ? scalingGain(store) : undefined;
  if (gain !== undefined) output.print(`over scaling: ${scalingText(gain)}`);
  output.print(`study      ${folder}`);
  for (const { folder: place, verified } of exported) {
    const check = verified === null ? '' : `  verified: ${verified.correct} of ${verified.count} correct`;
    output.print(`exported   ${place}${check}`);
  }
  const next = [
    `nas trials ${spec.study}`,
    `nas show ${final.id} --study ${spec.study}`,
    `nas frontier ${spec.study}`,
  ];
  output.print(`look in    ${next.map((command) => followUp(where, command)).join('; ')}`);
  return end.code;
}
