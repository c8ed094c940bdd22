import { expect, it } from 'vitest';
import { buildTable, sampledTexts, tableModel, undisturbed } from '../../../src/latency/index.js';
import { DEFAULT_SETTINGS } from '../../../src/netadapt/index.js';
import { findCandidates } from '../../../src/netadapt/candidates.js';
import { parseArchitecture } from '../../../src/space/index.js';
import { additive, fakePlatform, smallSpace } from './world.js';

it('NetAdapt finds its proposals in a table, without noise', async () => {
  const space = smallSpace();
  const { table } = await buildTable({
    platform: fakePlatform(additive),
    name: 'fake',
    ...{ space, widths: true, networks: 10 },
    before: null,
    others: [],
    surroundings: undisturbed,
    save: () => undefined,
  });
  const model = tableModel(table);
  const text = sampledTexts(space, 40, 'seed').find((one) => one.includes('_e72_')) ?? '';
  const architecture = parseArchitecture(text);
  const presentMs = model.predict(architecture).medianMs;
  const { candidates, none } = await findCandidates({
    architecture,
    curves: new Map(),
    deltaMs: 0.02 * presentMs,
    presentMs,
    targetMs: presentMs / 2,
    settings: DEFAULT_SETTINGS,
    meter: { measure: (texts) => Promise.resolve(texts.map((one) => model.predict(parseArchitecture(one)))) },
    signal: new AbortController().signal,
  });
  expect(none).toBeUndefined();
  expect(candidates.length).toBeGreaterThan(0);
  for (const candidate of candidates) {
    expect(candidate.record.source).toBe('table');
    expect(presentMs - candidate.record.medianMs).toBeGreaterThanOrEqual(0.0199 * presentMs);
  }
});
