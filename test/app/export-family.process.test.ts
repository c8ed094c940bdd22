import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exportTrial } from '../../src/app/export/phase.js';
import { readMeantStudy } from '../../src/app/study/studies.js';
import { createRng } from '../../src/core/index.js';
import { dimensionsOf, narrowerWidths, withWidth } from '../../src/netadapt/index.js';
import { buildNetwork, decodeWeights, encodeWeights, shrink } from '../../src/network/index.js';
import { formatArchitecture, maddsOf, paramsOf, parseArchitecture } from '../../src/space/index.js';
import { openStudy } from '../../src/trials/index.js';
import { done } from '../../src/testing/index.js';
import { writeStudy } from '../cli/studies.js';
import { fakeStudy, placesIn, temporaryFolder } from './samples.js';

it('any member of a family is exported with its own architecture and weights', async () => {
  using folder = temporaryFolder();
  const places = placesIn(folder.path);
  writeStudy(places.runs, fakeStudy(), 1, true);
  const home = join(places.runs, 'demo');
  const at = (name: string): string => join(home, 'checkpoints', name);
  const store = openStudy(home);
  const texts = new Map<number, string>();
  let parent = { id: 1, text: store.trial(1)!.text, file: 'trial-1.weights' };
  for (const step of [1, 2]) {
    const architecture = parseArchitecture(parent.text);
    const dimension = dimensionsOf(architecture).find(
      (one) => narrowerWidths(architecture, one, 8).length > 0,
    )!;
    const narrow = withWidth(architecture, dimension, narrowerWidths(architecture, dimension, 8)[0]!);
    const [from, to] = [buildNetwork(architecture), buildNetwork(narrow)];
    const weights = shrink({
      ...{ from, to, rng: createRng(1) },
      weights: decodeWeights(new Uint8Array(readFileSync(at(parent.file))), from),
    });
    const text = formatArchitecture(narrow);
    const counts = { params: paramsOf(narrow), madds: maddsOf(narrow) };
    const note = { step, targetMs: 1, dimension: 'expansion:1', from: 2, to: 1 };
    const fields = { genome: null, text, ...counts, seed: '1/netadapt', note };
    const [proposal, member] = (['proposal', 'netadapt'] as const).map(
      (kind) => store.begin([{ kind, parent: parent.id, ...fields }], null)[0]!,
    );
    // As NetAdapt stores it: the step has the file of the proposal that was taken.
    const file = `trial-${proposal!.id}.weights`;
    writeFileSync(at(file), encodeWeights(to, weights, text));
    for (const { id } of [proposal!, member!])
      store.finish(id, done(0.5, 2, { checkpoint: file }), null, null);
    texts.set(member!.id, text);
    parent = { id: member!.id, text, file };
  }
  store[Symbol.dispose]();
  using reader = readMeantStudy(places, 'demo');
  for (const [trial, text] of texts) {
    const export_ = (format: string) =>
      exportTrial(places, reader, reader.trial(trial)!, {
        ...{ trial, format, out: join(folder.path, `${trial}-${format}`), dataFolder: null, verify: false },
      });
    const json = await export_('json');
    expect(readFileSync(json.files[0]!, 'utf8')).toContain(text);
    const onnx = await export_('onnx');
    expect(onnx.files.some((file) => file.endsWith('.onnx') && existsSync(file))).toBe(true);
  }
});
