import { Command, Option } from 'commander';
import { relative } from 'node:path';
import {
  beginStudy,
  checkWishes,
  chooseTarget,
  isFinished,
  places,
  prepareStudy,
  resumeSession,
  runClock,
  studyFolder,
  wholeRun,
  type Places,
  type Session,
  type WholeRun,
} from '../../app/index.js';
import { formatDuration, formatMs, formatPercent, NasError } from '../../core/index.js';
import { getData } from '../../data/index.js';
import { architecturePicture, trialTable } from '../../report/index.js';
import { parseArchitecture } from '../../space/index.js';
import { frontier, readRunsFolder, readStudy, trialRow } from '../../trials/index.js';
import { collect } from '../aims.js';
import { interruption } from '../interrupt.js';
import { dataFolderOption, latency, runsOption } from '../options.js';
import { EXIT, type Output } from '../output.js';
import { studyPicture } from '../study-picture.js';
import { progressView } from '../progress.js';
import { addStudyOptions, wishesOf, type StudyOptions } from '../study-options.js';

type StartOptions = StudyOptions & {
  readonly targetLatency?: readonly number[];
  readonly time: number;
  readonly study?: string;
  readonly runs?: string;
  readonly dataFolder?: string;
};

/** `nas start`: the whole recipe from one command – data, search, NetAdapt, retraining, export. */
export function startCommand(output: Output): Command {
  const command = new Command('start')
    .description(
      'the whole recipe: data, search, NetAdapt, retraining, export; run again to go on after an interruption',
    )
    .addOption(
      new Option(
        '--target-latency <time>',
        'what must not be exceeded (default: chosen by timing random networks)',
      ).argParser(collect(latency)),
    )
    .option('--study <name>', 'name of the study (default: start-1, start-2, …)')
    .addOption(runsOption())
    .addOption(dataFolderOption());
  return addStudyOptions(command, { time: 480 }).action(async (options: StartOptions) => {
    const signal = interruption((text) => output.note(text));
    const where = places({ runs: options.runs, data: options.dataFolder });
    const { study, goesOn } = studyToRun(where, options.study);
    await using session = goesOn
      ? resumeSession(study, { places: where, signal, notice: (text) => output.note(text) })
      : await begin(options, study, where, signal, output);
    output.keepLost(session.log);
    if (goesOn) output.note(`going on with study ${study}`);
    process.exitCode = await runToEnd(session, output);
  });
}

/** The named study, or the newest `start-N` that was interrupted, or the next free number. */
function studyToRun(where: Places, named: string | undefined): { study: string; goesOn: boolean } {
  const { studies, skipped } = readRunsFolder(where.runs);
  if (named !== undefined) return { study: named, goesOn: studies.includes(named) };
  const last = largestNumber(studies);
  if (last > 0) {
    using reader = readStudy(studyFolder(where, `start-${last}`));
    if (!isFinished(reader)) return { study: `start-${last}`, goesOn: true };
  }
  const taken = Math.max(last, largestNumber(skipped.map(({ name }) => name)));
  return { study: `start-${taken + 1}`, goesOn: false };
}

/** Of the names `start-N`; 0 where there is none. */
function largestNumber(names: readonly string[]): number {
  return Math.max(0, ...names.flatMap((name) => /^start-(\d{1,6})$/.exec(name)?.[1] ?? []).map(Number));
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
  const wishes = {
    ...wishesOf({ steps: QUICK_STEPS, ...options }, study, options.targetLatency ?? [1], where),
    searchFactor: SEARCH_FACTOR,
    ...QUICK_REFINE,
    latencyBatch: options.latencyBatch ?? quickBatch(options.data),
  };
  await checkWishes(wishes, where, signal);
  const data = wishes.data.name;
  if (!data.startsWith('images:')) {
    await getData(data, {
      folder: where.data,
      mayInstall: true,
      signal,
      onProgress: ({ text }) => output.note(text),
    });
  }
  const prepared = await prepareStudy(wishes);
  const notice = (text: string): void => output.note(text);
  if (options.targetLatency !== undefined) return beginStudy(prepared, { places: where, signal, notice });
  output.note('no --target-latency: timing random networks of the space to choose one …');
  const targetMs = await chooseTarget(prepared.spec, { places: where, signal });
  output.note(`target latency: ${formatMs(targetMs)}, which a quarter of them meets`);
  return beginStudy(await prepareStudy({ ...wishes, targetMs }), { places: where, signal, notice });
}

/** Steps per candidate, so that some twenty candidates fit into the search's share of eight minutes on two cores. */
const QUICK_STEPS = 100;
/**
 * At batch 1 networks for pictures of 28×28 or 32×32 spend most of their time on launching operations, which no narrower
 * layer saves: a batch of 8 shows what a network costs. Larger pictures are timed one by one.
 */
function quickBatch(data: string | undefined): number {
  return data === undefined || !data.startsWith('images:') ? 8 : 1;
}

/** NetAdapt's steps, so that some fit into its share of the time. */
const QUICK_REFINE = { proposals: 4, finetuneSteps: 40 } as const;
/** The search looks up to a quarter above the target; NetAdapt shrinks from there. */
const SEARCH_FACTOR = 1.25;

async function runToEnd(session: Session, output: Output): Promise<number> {
  const { spec, store } = session;
  const { targetMs, searchFactor } = spec.latency;
  const clock = runClock(store, spec.budget.seconds);
  const view = progressView(output, targetMs, store.rows(), () => clock.leftSeconds());
  output.note(
    `study ${spec.study}: ${spec.data.name}, space ${spec.space.name}, ` +
      `target ${formatMs(targetMs)} for a batch of ${spec.latency.batch}; ` +
      `the search looks up to ${formatMs(targetMs * searchFactor)}, NetAdapt shrinks from there`,
  );
  try {
    const run = await wholeRun(session, clock, view.listen);
    if (run.ended === 'interrupted') {
      output.note(`stopped; go on with: npm start (or nas start --study ${spec.study})`);
      return EXIT.interrupted;
    }
    printEnd(session, run, output);
    output.note(`took ${formatDuration(clock.usedSeconds())} in all`);
    return run.final?.state === 'done' ? EXIT.ok : 1;
  } finally {
    clock.keep();
    view.end();
  }
}

function printEnd({ spec, store, folder }: Session, { final, exported }: WholeRun, output: Output): void {
  const { targetMs } = spec.latency;
  const rows = store.rows({ states: ['done'] });
  const front = frontier(rows);
  output.print(`\n${studyPicture(store, targetMs, output)}\n\n`);
  output.print(`${trialTable([...front, ...(final === undefined ? [] : [trialRow(final)])], output)}\n\n`);
  if (final?.outcome?.state !== 'done') {
    output.print(`the chosen network was not retrained: ${final?.outcome?.reason ?? 'unknown reason'}`);
    return;
  }
  const { accuracy, latency: record } = final.outcome;
  output.print(`${architecturePicture(parseArchitecture(final.text), output)}\n\n`);
  const meets = record.medianMs <= targetMs ? 'meets' : 'misses';
  output.print(
    `${formatPercent(accuracy)} on the test set of ${spec.data.name}, ${formatMs(record.medianMs)} ` +
      `(${record.source} on ${record.platform}, batch ${record.batch}): ${meets} the target of ${formatMs(targetMs)}`,
  );
  const here = (path: string): string => relative(process.cwd(), path) || '.';
  output.print(`study      ${here(folder)}`);
  for (const { folder: place, verified } of exported) {
    const check = verified === null ? '' : `  run again: ${verified.correct} of ${verified.count} right`;
    output.print(`exported   ${here(place)}${check}`);
  }
  output.print(`look in    nas trials ${spec.study}; nas show ${final.id}; nas frontier ${spec.study}`);
}
