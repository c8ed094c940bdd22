import { Command, Option } from 'commander';
import {
  followUp,
  bestTrial,
  DEFAULT_FINAL_TRAINING,
  FINAL_TRAININGS,
  finalTraining,
  meantStudy,
  places,
  resumeSession,
  type FinalTraining,
} from '../../app/index.js';
import { NasError } from '../../core/index.js';
import { trialTable } from '../../report/index.js';
import { bestSoFar, trialRow } from '../../trials/index.js';
import { interruption } from '../interrupt.js';
import {
  againOption,
  duration,
  extrapolationOption,
  newDeviceOption,
  runsOption,
  studyOption,
  wholeNumber,
} from '../options.js';
import { EXIT, type Output } from '../output.js';
import { progressView } from '../progress.js';
import { addQueueOptions, queueChoice, type QueueOptions } from '../queue-options.js';
import { withExtrapolation } from '../resumed-spec.js';
import { targetEnd } from '../target-end.js';

interface RetrainOptions extends QueueOptions {
  readonly best?: boolean;
  readonly time?: number;
  readonly epochs?: number;
  readonly final?: FinalTraining;
  readonly study?: string;
  readonly newDevice?: boolean;
  readonly platform?: readonly string[];
  readonly allowExtrapolation?: boolean;
  readonly runs?: string;
}

/** `nas retrain TRIAL|--best`: trains from scratch on all training pictures, evaluated once on the test set. */
export function retrainCommand(output: Output): Command {
  const command = new Command('retrain')
    .description('train an architecture from scratch on all training pictures; evaluated on the test set')
    .argument('[trial]', 'its number', wholeNumber(1))
    .option('--best', "the most accurate trial within the study's target")
    .option('--epochs <n>', "epochs (default: the study's)", wholeNumber(1))
    .addOption(
      new Option(
        '--final <start>',
        `start from random weights, from those of the trial, or as is better of both (default: ${DEFAULT_FINAL_TRAINING})`,
      ).choices(FINAL_TRAININGS),
    )
    .addOption(new Option('--time <time>', 'wall-clock limit: 90s, 20m').argParser(duration))
    .addOption(studyOption())
    .addOption(newDeviceOption())
    .addOption(againOption())
    .addOption(extrapolationOption())
    .addOption(runsOption());
  return addQueueOptions(command).action(async (given: number | undefined, options: RetrainOptions) => {
    if (given === undefined && options.best !== true) {
      throw new NasError({
        code: 'NAS_NO_TRIAL',
        found: 'no trial named',
        fix: 'name a trial, or say --best',
      });
    }
    const where = places({ runs: options.runs });
    const study = meantStudy(where, options.study);
    const signal = interruption((text) => output.note(text));
    const notice = (text: string): void => output.note(text);
    await using session = await resumeSession(
      study,
      {
        ...{ places: where, signal, notice, platforms: options.platform, newDevice: options.newDevice },
        queue: queueChoice(options),
      },
      (spec) => ({
        ...withExtrapolation(spec, options),
        final: { ...spec.final, epochs: options.epochs ?? spec.final.epochs },
      }),
    );
    const { store, spec } = session;
    // Before the best is chosen: it is another one on another device.
    if (options.newDevice === true) await session.pool();
    const trial = given ?? bestTrial(store, spec.latency.targetMs);
    if (trial === undefined) {
      throw new NasError({
        code: 'NAS_NO_BEST',
        found: `no trial of study ${study} meets its target yet`,
        fix: followUp(where, `nas search --study ${study} --resume`),
      });
    }
    const view = progressView(output, await bestSoFar(store, spec.latency.targetMs));
    try {
      const request = {
        trial,
        final: options.final ?? DEFAULT_FINAL_TRAINING,
        seconds: options.time ?? null,
      };
      const done = await finalTraining(session, request, view.listen);
      if (done === undefined || done.state === 'running') {
        output.note(
          `stopped; the same command resumes it: ${followUp(where, `nas retrain ${trial} --study ${study}`)}`,
        );
        process.exitCode = EXIT.interrupted;
        return;
      }
      const { outcome } = done;
      if (outcome?.state === 'done') {
        const end = targetEnd(`trial ${done.id}`, outcome.latency, spec.latency.targetMs);
        output.print(end.text);
        process.exitCode = end.code;
      } else process.exitCode = EXIT.failed;
      output.print(trialTable([trialRow(done)], output));
    } finally {
      view.end();
    }
  });
}
