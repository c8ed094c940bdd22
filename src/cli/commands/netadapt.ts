import { Command } from 'commander';
import { followUp, finalTraining, places, refinePhase } from '../../app/index.js';
import { trialTable } from '../../report/index.js';
import { bestSoFar, trialRow } from '../../trials/index.js';
import { interruption } from '../interrupt.js';
import { EXIT, type Output } from '../output.js';
import { studyPicture } from '../study-picture.js';
import { progressView } from '../progress.js';
import { queueChoice } from '../queue-options.js';
import { addRefineOptions, type RefineOptions } from '../refine-options.js';
import { refinedNetwork } from '../refined-network.js';
import { targetEnd } from '../target-end.js';

/** `netadapt`, also `nas netadapt`: shrinks a network layer by layer until it meets a latency. */
export function netadaptCommand(output: Output): Command {
  const refine = new Command('refine')
    .description('shrink a network by NetAdapt until it meets the target latency; run again to resume')
    .argument('[network]', "a trial's number; or a preset, text form or file, for a new study");
  addRefineOptions(refine).action(async (network: string | undefined, options: RefineOptions) => {
    process.exitCode = await runRefine(network, options, output);
  });
  return new Command('netadapt')
    .description('shrink a trained network layer by layer (NetAdapt)')
    .addCommand(refine);
}

async function runRefine(named: string | undefined, options: RefineOptions, output: Output): Promise<number> {
  const where = places({ runs: options.runs, data: options.dataFolder });
  const signal = interruption((text) => output.note(text));
  const notice = (text: string): void => output.note(text);
  const { platform: platforms, newDevice } = options;
  const network = await refinedNetwork(named, options, {
    places: where,
    signal,
    notice,
    platforms,
    newDevice,
    queue: queueChoice(options),
  });
  await using session = network.session;
  output.keepLost(session.log);
  const { store, spec } = session;
  const view = progressView(output, await bestSoFar(store, spec.latency.targetMs));
  const stopped = (): number => {
    const study = ` --study ${network.study} --target-latency ${options.targetLatency}ms`;
    output.note(`stopped; resume with: ${followUp(where, `netadapt refine ${named ?? '--best'}${study}`)}`);
    return EXIT.interrupted;
  };
  try {
    const trial = await network.trial(view.listen);
    if (trial === undefined) return stopped();
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
    if (options.final !== undefined && result.reason !== 'interrupted') {
      const request = { trial: result.final.id, final: options.final, seconds: options.finalTime ?? null };
      const final = await finalTraining(session, request, view.listen);
      if (final === undefined || final.state === 'running') return stopped();
      output.print(`\n${trialTable([trialRow(final)], output)}`);
      if (final.state !== 'done') return EXIT.failed;
    }
    // The number of steps was limited on request: that they do not reach the target is no failure.
    if (result.reason === 'step limit') return EXIT.ok;
    if (result.reason !== 'interrupted') return end?.code ?? EXIT.ok;
    return stopped();
  } finally {
    view.end();
  }
}
