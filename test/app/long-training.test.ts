import { describe, expect, it } from 'vitest';
import { regularised } from '../../src/app/retrain/long-training.js';
import { fakeStudy } from './samples.js';

const spec = fakeStudy();

describe('a final training', () => {
  it('is by the recipe of the search while it is short', () => {
    expect(regularised(spec.final, 5.9, spec)).toEqual(spec.final);
  });

  it('has crops and label smoothing once it is long, the crops by the size of the picture', () => {
    expect(regularised(spec.final, 6, spec)).toEqual({ ...spec.final, pad: 2, labelSmoothing: 0.1 });
    const large = fakeStudy({ task: { input: [224, 320, 3], classes: 10 } });
    expect(regularised(large.final, 30, large).pad).toBe(16);
  });

  it('is as the recipe says where that has crops or smoothing of its own', () => {
    const paper = fakeStudy({ recipe: 'paper' });
    expect(regularised(paper.final, 350, paper)).toEqual(paper.final);
  });
});
