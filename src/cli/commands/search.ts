import { Command, Option } from 'commander';
import {
  followUp,
  beginStudy,
  checkOptions,
  meantStudy,
  places,
  prepareStudy,
  resumeSession,
  searchPhase,
  studyFolder,
  uncheckedProxy,
  type Session,
} from '../../app/index.js';
import { NasError } from '../../core/index.js';
import { trialTable } from '../../report/index.js';
import { bestSoFar } from '../../trials/index.js';
import { collect } from '../aims.js';
import { interruption } from '../interrupt.js';
import { dataFolderOption, latency, newDeviceOption, runsOption } from '../options.js';
import { EXIT, type Output } from '../output.js';
import { studyPicture } from '../study-picture.js';
import { progressView } from '../progress.js';
import { addQueueOptions, queueChoice, type QueueOptions } from '../queue-options.js';
import { resumedSpec } from '../resumed-spec.js';
import { bestEnd } from '../target-end.js';
import { addStudyOptions, studyOptionsOf, type StudyOptions } from '../study-options.js';

export type SearchOptions = StudyOptions &
  QueueOptions & {
    readonly targetLatency?: readonly number[];
    readonly study?: string;
    readonly resume?: boolean;
    readonly newDevice?: boolean;
    readonly runs?: string;
    readonly dataFolder?: string;
  };

/** `nas search`: samples, gates, trains and times candidates until the budget is spent. */
export function searchCommand(output: Output): Command {
  const command = new Command('search')
    .description('search a space for the most accurate network within a target latency')
    .addOption(
      new Option(
        '--target-latency <time>',
        'latency limit: 2ms, 800us; with several platforms one for all, or one each',
      ).argParser(collect(latency)),
    )
    .option('--study <name>', 'name of the study; its folder lies in --runs')
    .option('--resume', 'resume the study after an interruption, or with a larger budget')
    .addOption(newDeviceOption())
    .addOption(runsOption())
    .addOption(dataFolderOption());
  return addQueueOptions(addStudyOptions(command)).action(async (options: SearchOptions) => {
    const signal = interruption((text) => output.note(text));
    await using session =
      options.resume === true ? await resumed(options, output, signal) : await begun(options, output, signal);
    output.keepLost(session.log);
    process.exitCode = await searchTo(session, output);
  });
}

async function begun(options: SearchOptions, output: Output, signal: AbortSignal): Promise<Session> {
  if (options.targetLatency === undefined) {
    throw new NasError({
      code: 'NAS_NO_TARGET',
      found: 'no target latency',
      fix: 'add --target-latency 2ms (or --resume to resume a study)',
    });
  }
  const where = places({ runs: options.runs, data: options.dataFolder });
  const study = options.study ?? 'search';
  const requested = studyOptionsOf(options, study, options.targetLatency, where);
  const queue = queueChoice(options);
  await checkOptions(requested, where, signal, queue !== undefined);
  const prepared = await prepareStudy(requested, (text) => output.note(text));
  const unchecked = uncheckedProxy(where, prepared);
  if (unchecked !== undefined) output.note(unchecked);
  const start = queue === undefined ? 'starting the host …' : 'waiting for workers …';
  output.note(`study ${study} in ${studyFolder(where, study)}: ${start}`);
  return beginStudy(prepared, { places: where, signal, notice: (text) => output.note(text), queue });
}

function resumed(options: SearchOptions, output: Output, signal: AbortSignal): Promise<Session> {
  const where = places({ runs: options.runs, data: options.dataFolder });
  if (options.study === undefined) {
    throw new NasError({ code: 'NAS_NO_STUDY', found: '--resume without --study', fix: 'add --study NAME' });
  }
  const notice = (text: string): void => output.note(text);
  const { platform: platforms, newDevice } = options;
  return resumeSession(
    meantStudy(where, options.study),
    { places: where, signal, notice, platforms, newDevice, queue: queueChoice(options) },
    (spec) => resumedSpec(spec, options),
  );
}

/** Searches and prints the end; resolves to the exit code. */
async function searchTo(session: Session, output: Output): Promise<number> {
  const { spec, store } = session;
  const view = progressView(output, await bestSoFar(store, spec.latency.targetMs));
  try {
    const result = await searchPhase(session, view.listen);
    const end = result.ended === 'interrupted' ? undefined : bestEnd(store, spec.latency.targetMs);
    if (end !== undefined) output.print(end.text);
    printEnd(session, output);
    if (end !== undefined) return end.code;
    output.note(
      `stopped; resume with: ${followUp(session.places, `nas search --study ${spec.study} --resume`)}`,
    );
    return EXIT.interrupted;
  } finally {
    view.end();
  }
}

function printEnd({ spec, store }: Session, output: Output): void {
  const { targetMs } = spec.latency;
  output.print(studyPicture(store, targetMs, output));
  const rows = store.rows({ states: ['done'], sort: 'accuracy', descending: true, limit: 10 });
  output.print(trialTable(rows, output));
}
