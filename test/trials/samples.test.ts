import { describe, expect, it } from 'vitest';
import { correctedSamplesMs } from '../../src/trials/index.js';

const reference = { medianMs: 2, madMs: 0, factor: 0.5, drift: 0 };

describe('the samples of a latency', () => {
  it('are as they were timed where nothing was corrected', () => {
    expect(correctedSamplesMs({ samplesMs: [1, 3] })).toEqual([1, 3]);
  });

  it('come on the scale of the median, through the reference and the seed of a lineage', () => {
    expect(correctedSamplesMs({ samplesMs: [4, 6], reference })).toEqual([2, 3]);
    expect(correctedSamplesMs({ samplesMs: [4, 6], reference, seedFactor: 3 })).toEqual([6, 9]);
    expect(correctedSamplesMs({ samplesMs: [], reference })).toEqual([]);
  });
});
