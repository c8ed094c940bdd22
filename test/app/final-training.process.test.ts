import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AppEvent } from '../../src/app/events.js';
import { finalTraining, type FinalTraining } from '../../src/app/refine/final.js';
import { refinePhase } from '../../src/app/refine/phase.js';
import { finishedRetrain } from '../../src/app/retrain/phase.js';
import { trainingOf } from '../../src/app/replay/plan.js';
import { searchPhase } from '../../src/app/search/phase.js';
import { beginStudy, prepareStudy } from '../../src/app/study/prepare.js';
import { resumeSession } from '../../src/app/study/session.js';
import { writePictures } from './pictures.js';
import { placesIn, temporaryFolder } from './samples.js';

/** On the test double, on which a network trained further is more accurate than one from scratch. */
async function study() {
  const folder = temporaryFolder();
  await writePictures(join(folder.path, 'pictures'), 28, 40);
  const places = placesIn(folder.path);
  const data = { name: `images:${join(folder.path, 'pictures')}`, folder: folder.path };
  const prepared = await prepareStudy({
    study: 'demo',
    data: { ...data, heldOut: 0.2, size: 28, limit: null },
    ...{ space: 'mobilenetv3', targetMs: 9, gate: 100, strategy: 'random', trials: 2, mode: 'batch' },
    ...{ backend: 'fake', batch: 8, workers: 1, epochs: 2, finalEpochs: 8, delta: 0.1, finetuneSteps: 3 },
    ...{ proposals: 1, scaled: [] },
  });
  const events: AppEvent[] = [];
  let trial = 0;
  {
    await using session = await beginStudy(prepared, { places, signal: new AbortController().signal });
    await searchPhase(session, () => undefined);
    const target = session.store.trial(1)!.outcome!.latency!.medianMs * 0.85;
    const request = { trial: 1, targetMs: target, seconds: null, steps: 1 };
    trial = (await refinePhase(session, request, () => undefined)).final.id;
  }
  return {
    folder,
    places,
    events,
    trial,
    /** Ends at the first event that `stop` accepts. */
    async train(final: FinalTraining, stop: (event: AppEvent) => boolean = () => false) {
      const controller = new AbortController();
      await using session = await resumeSession('demo', { places, signal: controller.signal });
      const ended = await finalTraining(session, { trial, final, seconds: null }, (event) => {
        events.push(event);
        if (stop(event)) controller.abort(new Error('a test'));
      });
      const { store, spec } = session;
      const parent = store.trial(trial)!;
      return {
        ended,
        compared: store.noted(`final/${trial}`),
        fromScratch: finishedRetrain(store, { parent: trial, text: parent.text })?.id,
        training: ended?.state === 'done' ? trainingOf(store, spec, ended) : undefined,
        checkpoint: parent.outcome?.state === 'done' ? parent.outcome.checkpoint : null,
        spec,
      };
    },
  };
}

describe('the final training of a shrunk network', { timeout: 240_000 }, () => {
  it('starts from scratch, from its weights, or from the better of both, and says which', async () => {
    const demo = await study();
    using _folder = demo.folder;
    const scratch = await demo.train('scratch');
    expect(scratch.ended).toMatchObject({ kind: 'retrain', state: 'done', note: { of: demo.trial } });
    expect(scratch.training).toMatchObject({ start: { kind: 'random' }, evaluationSplit: 'test' });
    expect(scratch.fromScratch).toBe(scratch.ended?.id);

    const further = await demo.train('finetune');
    expect(further.ended).toMatchObject({ kind: 'retrain', note: { of: demo.trial, final: 'finetune' } });
    expect(further.training).toMatchObject({
      start: { kind: 'surgery', checkpoint: further.checkpoint },
      plan: { learningRate: further.spec.refine.finetune.learningRate },
    });
    // The one from scratch stays what a whole run takes for finished.
    expect(further.fromScratch).toBe(scratch.ended?.id);

    const firstCompared = (event: AppEvent): boolean =>
      event.phase === 'finalists' && event.progress.phase === 'training';
    const stopped = await demo.train('both', firstCompared);
    expect(stopped).toMatchObject({ ended: undefined, compared: undefined });
    const both = await demo.train('both');
    expect(both.compared).toMatchObject({
      finetune: { accuracy: expect.any(Number) as number },
      scratch: { accuracy: expect.any(Number) as number },
    });
    expect(both.ended).toMatchObject({ note: { final: 'finetune', compared: both.compared } });
    const said = demo.events.flatMap((event) => (event.phase === 'prepare' ? [event.text] : []));
    expect(said).toContainEqual(
      expect.stringMatching(
        /^final training: training further [\d.]+ % on held-out pictures, from scratch [\d.]+ % .*; training further is kept$/,
      ),
    );
  });
});
