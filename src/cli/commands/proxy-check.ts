import { Command } from 'commander';
import {
  followUp,
  beginStudy,
  checkOptions,
  meantStudy,
  places,
  prepareStudy,
  PROXY_CHECK,
  proxyCheckPhase,
  resumeSession,
  studyFolder,
  type Session,
} from '../../app/index.js';
import { NasError } from '../../core/index.js';
import { proxyCheckTable } from '../../report/index.js';
import { bestSoFar } from '../../trials/index.js';
import { interruption } from '../interrupt.js';
import { dataFolderOption, jsonOption, latency, runsOption, wholeNumber } from '../options.js';
import { EXIT, type Output } from '../output.js';
import { progressView } from '../progress.js';
import { addStudyOptions, studyOptionsOf, type StudyOptions } from '../study-options.js';

type ProxyCheckCommandOptions = StudyOptions & {
  readonly networks: number;
  readonly seeds: number;
  readonly longSteps: number;
  readonly targetLatency?: number;
  readonly study?: string;
  readonly resume?: boolean;
  readonly runs?: string;
  readonly dataFolder?: string;
  readonly json?: boolean;
};

/** Of a search's options those on which the answer depends, or by whom it is found. */
const TAKEN: readonly string[] = [
  ...['data', 'size', 'limit', 'skipBroken', 'space', 'recipe', 'batch', 'epochs', 'steps', 'learningRate'],
  ...['seed', 'platform', 'workers', 'threads', 'backend', 'deterministic', 'wait'],
];
/** As `nas start` trains its candidates, where neither steps nor epochs are given. */
const SHORT_STEPS = 100;
/** A check has no limit, but a study has one. */
const NO_TARGET_MS = 1e6;

/** `nas proxy-check`: whether a search's short training ranks networks as a long one does. */
export function proxyCheckCommand(output: Output): Command {
  const command = new Command('proxy-check')
    .description("check whether a search's short training ranks networks as a long one does")
    .option('--networks <n>', 'networks of the space, spread over their sizes', wholeNumber(4, 1000), 12)
    .option('--seeds <n>', 'trainings of each network by each schedule', wholeNumber(1, 100), 2)
    .option('--long-steps <n>', 'steps of the long training', wholeNumber(1), 1500)
    .option(
      '--target-latency <time>',
      'only networks that take at most this, and half of it at least: 2ms, 800us',
      latency,
    )
    .option('--study <name>', `name of the study, beginning with ${PROXY_CHECK}`, PROXY_CHECK)
    .option('--resume', 'train what an interrupted check is missing')
    .addOption(runsOption())
    .addOption(dataFolderOption())
    .addOption(jsonOption());
  const all = addStudyOptions(new Command(), { steps: SHORT_STEPS }).options;
  for (const option of all) if (TAKEN.includes(option.attributeName())) command.addOption(option);
  return command.action(async (options: ProxyCheckCommandOptions) => {
    const signal = interruption((text) => output.note(text));
    await using session =
      options.resume === true ? await resumed(options, output, signal) : await begun(options, output, signal);
    output.keepLost(session.log);
    const view = progressView(output, await bestSoFar(session.store, session.spec.latency.targetMs));
    const { networks, seeds: repeats, longSteps, targetLatency: targetMs = null } = options;
    try {
      const check = await proxyCheckPhase(session, { networks, repeats, longSteps, targetMs }, view.listen);
      view.end();
      if (check === undefined) {
        const again = `nas proxy-check --study ${session.spec.study} --resume`;
        output.note(`stopped; resume with: ${followUp(session.places, again)}`);
        process.exitCode = EXIT.interrupted;
      } else if (options.json === true) output.json(check);
      else output.print(proxyCheckTable(check, output));
    } finally {
      view.end();
    }
  });
}

async function begun(
  options: ProxyCheckCommandOptions,
  output: Output,
  signal: AbortSignal,
): Promise<Session> {
  const where = places({ runs: options.runs, data: options.dataFolder });
  const study = options.study ?? PROXY_CHECK;
  requireName(study);
  const notice = (text: string): void => output.note(text);
  const requested = {
    ...studyOptionsOf(
      {
        ...{ scaled: [], strategy: 'random', ...options },
        ...(options.steps === undefined && options.epochs === undefined ? { steps: SHORT_STEPS } : {}),
      },
      ...([study, [options.targetLatency ?? NO_TARGET_MS], where] as const),
    ),
  };
  requireLonger(requested.maxSteps, options.longSteps);
  await checkOptions(requested, where, signal);
  const prepared = await prepareStudy(requested, notice);
  output.note(`study ${study} in ${studyFolder(where, study)}: starting the host …`);
  return beginStudy(prepared, { places: where, signal, notice });
}

function resumed(options: ProxyCheckCommandOptions, output: Output, signal: AbortSignal): Promise<Session> {
  const where = places({ runs: options.runs, data: options.dataFolder });
  return resumeSession(meantStudy(where, options.study ?? PROXY_CHECK), {
    ...{ places: where, signal, platforms: options.platform },
    notice: (text) => output.note(text),
  });
}

function requireLonger(shortSteps: number | null | undefined, longSteps: number): void {
  if (shortSteps == null || longSteps > shortSteps) return;
  throw new NasError({
    code: 'NAS_BAD_CONFIG',
    found: `--long-steps ${longSteps} and --steps ${shortSteps}`,
    expected: 'a long training of more steps than the short one',
    fix: `e.g. --long-steps ${10 * shortSteps}`,
  });
}

/** By its name a search finds the check. */
function requireName(study: string): void {
  if (study.startsWith(PROXY_CHECK)) return;
  throw new NasError({
    code: 'NAS_BAD_CONFIG',
    found: `--study ${JSON.stringify(study)}`,
    expected: `a name that begins with ${PROXY_CHECK}`,
    fix: `e.g. --study ${PROXY_CHECK}-2`,
  });
}
