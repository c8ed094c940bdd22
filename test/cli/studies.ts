import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepFacts } from '../../src/app/study/data-facts.js';
import { spaceOf } from '../../src/app/study/session.js';
import type { StudySpec } from '../../src/app/study/spec.js';
import { createRng, ms, ratio } from '../../src/core/index.js';
import { buildNetwork, encodeWeights, initialWeights } from '../../src/network/index.js';
import { formatArchitecture, maddsOf, paramsOf } from '../../src/space/index.js';
import { createStudy, type LatencyRecord } from '../../src/trials/index.js';
import { facts, fakeStudy } from '../app/samples.js';

const record = (value: number, fingerprint: string): LatencyRecord => ({
  source: 'measured',
  platform: 'tensorflow',
  fingerprint,
  samplesMs: [ms(value)],
  medianMs: ms(value),
  madMs: 0,
  p90Ms: ms(value),
  lowMs: ms(value),
  highMs: ms(value),
  runs: 1,
  batch: 1,
});

/**
 * A closed study, written without any evaluator. Its trials, where it has all five: three done, one failed, one
 * unfinished.
 * @param weights the first trial keeps (untrained) weights
 * @param device digest of the fingerprint that it was timed on; by default one that no evaluator has
 */
export function writeStudy(
  runs: string,
  spec: StudySpec = fakeStudy(),
  trials = 5,
  weights = false,
  device = 'f',
): void {
  const space = spaceOf(spec);
  using store = createStudy(join(runs, spec.study), {
    name: spec.study,
    spec,
    spaceDigest: space.digest,
    seed: spec.seed,
    environment: {},
  });
  // A study of real pictures is compared with them when it is resumed.
  if (spec.host.backend === 'fake') keepFacts(store, facts);
  const rng = createRng('samples');
  for (let id = 1; id <= trials; id++) {
    const genome = space.sample(rng);
    const architecture = space.decode(genome);
    const text = formatArchitecture(architecture);
    const counts = { params: paramsOf(architecture), madds: maddsOf(architecture) };
    store.begin(
      [{ kind: 'sample', parent: null, genome, text, ...counts, seed: `1/trial/${id}`, note: null }],
      null,
    );
    if (id === 5) continue;
    const checkpoint = weights && id === 1 ? 'trial-1.weights' : null;
    if (checkpoint !== null) {
      const network = buildNetwork(architecture);
      const folder = join(runs, spec.study, 'checkpoints');
      mkdirSync(folder);
      const bytes = encodeWeights(network, initialWeights(network, rng), text);
      writeFileSync(join(folder, checkpoint), bytes);
    }
    const facts = { latency: record(id, device), curve: [], seconds: 1 };
    store.finish(
      id,
      id === 4
        ? { state: 'failed', reason: 'diverged', ...facts }
        : { state: 'done', accuracy: ratio(0.5 + id / 10), checkpoint, ...facts },
      id === 4 ? null : 0.5,
      null,
    );
  }
}

/** A space of networks that the reference backend trains in a moment, as YAML. */
export const TINY_SPACE = `version: 1
name: tiny
stem: { filters: 8, stride: 1 }
stages:
  - { op: mbconv, expansion: [2, 4], stride: 2, filters: [8, 16], layers: [1, 2], se: [none, expansion/4-hsig] }
  - { op: [conv, mbconv], expansion: 3, filters: [8, 16], layers: 1 }
head: { place: behind, expansion: 2, features: 0 }
`;
