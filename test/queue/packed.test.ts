import { describe, expect, it } from 'vitest';
import { outcomeSchema } from '../../src/trials/index.js';
import { MOST_CHARACTERS, pack, unpack } from '../../src/queue/wire/packed.js';

const point = { epoch: 1, step: 1, loss: Number.NaN, trainAccuracy: -Infinity, accuracy: null, seconds: 1 };
const outcome = { state: 'failed', reason: 'diverged', latency: null, curve: [point], seconds: 1 };

describe('what travels packed', () => {
  it('keeps NaN and infinities, which JSON lacks', () => {
    const { curve } = unpack(outcomeSchema, pack(outcome)) as unknown as typeof outcome;
    expect(curve[0]?.loss).toBeNaN();
    expect(curve[0]?.trainAccuracy).toBe(-Infinity);
  });

  it.each([
    ['no text', outcome],
    ['no JSON', '{'],
    ['another form', pack({ ...outcome, state: 'well done' })],
    ['a field too many', pack({ ...outcome, also: 1 })],
    ['too long', pack({ ...outcome, reason: 'x'.repeat(MOST_CHARACTERS) })],
  ])('refuses %s by a value', (_, packed) => {
    expect(unpack(outcomeSchema, packed)).toBeUndefined();
  });
});
