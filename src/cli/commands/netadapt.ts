import { Command, Option } from 'commander';
import {
  bestSeed,
  DEFAULT_STEP_CRITERION,
  DEFAULTS,
  STEP_CRITERIA,
  type StepCriterion,
  places,
  refinePhase,
  resumeSession,
  meantStudy,
} from '../../app/index.js';
import { NasError } from '../../core/index.js';
import { trialTable } from '../../report/index.js';
import { bestSoFar } from '../../trials/index.js';
import { followUp } from '../follow-up.js';
import { interruption } from '../interrupt.js';
import { withExtrapolation } from '../resumed-spec.js';
import {
  againOption,
  duration,
  extrapolationOption,
  latency,
  newDeviceOption,
  realNumber,
  runsOption,
  studyOption,
  wholeNumber,
} from '../options.js';
import { EXIT, type Output } from '../output.js';
import { studyPicture } from '../study-picture.js';
import { progressView } from '../progress.js';
import { targetEnd } from '../target-end.js';

interface RefineOptions {
  readonly best?: boolean;
  readonly targetLatency: number;
  readonly time?: number;
  readonly steps?: number;
  readonly delta?: number;
  readonly finetuneSteps?: number;
  readonly proposals?: number;
  readonly stepCriterion?: StepCriterion;
  readonly workers?: number;
  readonly allowExtrapolation?: boolean;
  readonly study?: string;
  readonly newDevice?: boolean;
  readonly platform?: readonly string[];
  readonly runs?: string;
}

/** `netadapt`, also `nas netadapt`: shrinks a trained trial layer by layer until it meets a latency. */
export function netadaptCommand(output: Output): Command {
  const refine = new Command('refine')
    .description('shrink a trial by NetAdapt until it meets the target latency; run again to resume')
    .argument('[trial]', 'its number', wholeNumber(1))
    .option('--best', "start from the most accurate trial within the study's target")
    .addOption(
      new Option('--target-latency <time>', 'latency to reach').argParser(latency).makeOptionMandatory(),
    )
    .addOption(new Option('--time <time>', 'wall-clock limit: 90s, 20m').argParser(duration))
    .option('--steps <n>', 'maximum number of accepted steps', wholeNumber(1))
    .option(
      '--delta <share>',
      `share of the seed's latency that each step saves (default: the study's, ${DEFAULTS.delta})`,
      realNumber('a share between 0 and 1', (value) => value > 0 && value < 1),
    )
    .option('--finetune-steps <n>', 'training steps of a proposal', wholeNumber(1))
    .option('--proposals <n>', 'maximum number of proposals per step', wholeNumber(1))
    .addOption(
      new Option(
        '--step-criterion <name>',
        `how a step chooses among its proposals (default: the study's, ${DEFAULT_STEP_CRITERION})`,
      ).choices(STEP_CRITERIA),
    )
    .option('--workers <n>', 'proposals trained concurrently', wholeNumber(1, 64))
    .addOption(extrapolationOption())
    .addOption(studyOption())
    .addOption(newDeviceOption())
    .addOption(againOption())
    .addOption(runsOption())
    .action(async (trial: number | undefined, options: RefineOptions) => {
      process.exitCode = await runRefine(trial, options, output);
    });
  return new Command('netadapt')
    .description('shrink a trained network layer by layer (NetAdapt)')
    .addCommand(refine);
}

async function runRefine(given: number | undefined, options: RefineOptions, output: Output): Promise<number> {
  if (given === undefined && options.best !== true) {
    throw new NasError({ code: 'NAS_NO_TRIAL', found: 'no trial named', fix: 'name a trial, or say --best' });
  }
  const where = places({ runs: options.runs });
  const study = meantStudy(where, options.study);
  const signal = interruption((text) => output.note(text));
  const notice = (text: string): void => output.note(text);
  await using session = await resumeSession(
    study,
    { places: where, signal, notice, platforms: options.platform, newDevice: options.newDevice },
    (spec) => ({
      ...withExtrapolation(spec, options),
      refine: {
        ...spec.refine,
        ...(options.stepCriterion === undefined ? {} : { stepCriterion: options.stepCriterion }),
        delta: options.delta ?? spec.refine.delta,
        proposals: options.proposals ?? spec.refine.proposals,
        finetune: {
          ...spec.refine.finetune,
          maxSteps: options.finetuneSteps ?? spec.refine.finetune.maxSteps,
        },
      },
      host: { ...spec.host, workers: options.workers ?? spec.host.workers },
    }),
  );
  output.keepLost(session.log);
  const { store, spec } = session;
  const view = progressView(output, await bestSoFar(store, spec.latency.targetMs));
  try {
    // Before the best is chosen: it is another one on another device.
    if (options.newDevice === true) await session.pool();
    const trial = given ?? (await bestSeed(store, spec.latency.targetMs));
    const result = await refinePhase(
      session,
      { trial, targetMs: options.targetLatency, seconds: options.time ?? null, steps: options.steps },
      view.listen,
    );
    const { latency: reached } = result.final.outcome ?? {};
    const end =
      result.reason === 'interrupted' || reached == null
        ? undefined
        : targetEnd(`trial ${result.final.id}`, reached, options.targetLatency);
    if (end !== undefined) output.print(end.text);
    output.print(studyPicture(store, options.targetLatency, output));
    const lineage = [trial, ...result.steps.map((step) => step.trial)];
    output.print(
      trialTable(
        store.rows().filter((row) => lineage.includes(row.trial)),
        output,
      ),
    );
    // The number of steps was limited on request: that they do not reach the target is no failure.
    if (result.reason === 'step limit') return EXIT.ok;
    if (result.reason !== 'interrupted') return end?.code ?? EXIT.ok;
    const again = `netadapt refine ${trial} --study ${study} --target-latency ${options.targetLatency}ms`;
    output.note(`stopped; resume with: ${followUp(where, again)}`);
    return EXIT.interrupted;
  } finally {
    view.end();
  }
}
