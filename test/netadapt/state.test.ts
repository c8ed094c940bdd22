import { describe, expect, it } from 'vitest';
import { ms, type Json } from '../../src/core/index.js';
import { stateFromJson, stateToJson, type RefineState } from '../../src/netadapt/state.js';
import { fullRecord } from '../trials/full-record.js';

const band = { medianMs: ms(2), lowMs: 1.9, highMs: 2.1 };
const state: RefineState = {
  seedMs: 2,
  accepted: [
    {
      ...{ step: 1, trial: 3, proposal: 2, dimension: 'expansion:1', from: 32, to: 24 },
      ...{ fromMs: 2, toMs: 1.8, accuracyChange: -0.01, tried: 4 },
    },
  ],
  curves: new Map([['expansion:1', { points: [{ width: 24, offsetMs: -0.2 }] }]]),
  pending: [
    {
      dimension: { kind: 'bottleneck', blocks: [2, 3], width: 24 },
      ...{ to: 16, text: 'nas1:…', before: band, after: band, record: fullRecord, presentMs: [2, 3] },
      paired: { savedMs: 0.2, leastMs: 0.1 },
    },
  ],
};
const noted = (): Json => JSON.parse(JSON.stringify(stateToJson(state))) as Json;

describe("a refinement's noted progress", () => {
  it('is read as it was written, records with every field included', () => {
    expect(stateFromJson(noted())).toEqual(state);
  });

  it('is read without what a later version added, and not at all where it is damaged', () => {
    expect(stateFromJson({ ...(noted() as object), later: 1 })).toEqual(state);
    expect(stateFromJson({ ...(noted() as object), seedMs: -1 })).toBeUndefined();
    expect(stateFromJson(undefined)).toBeUndefined();
  });
});
