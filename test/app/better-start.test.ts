import { describe, expect, it } from 'vitest';
import { betterStart, type ComparedStarts } from '../../src/app/refine/final.js';

const at = (accuracy: number, loss: number | null = null) => ({ accuracy, loss });

describe('the start of a final training that was compared', () => {
  it.each<[string, ComparedStarts, string]>([
    ['the more accurate', { finetune: at(0.9), scratch: at(0.8) }, 'finetune'],
    ['the more accurate', { finetune: at(0.8), scratch: at(0.9) }, 'scratch'],
    ['of equal ones that of the smaller loss', { finetune: at(0.9, 0.3), scratch: at(0.9, 0.4) }, 'finetune'],
    ['of equal ones that of the smaller loss', { finetune: at(0.9, 0.5), scratch: at(0.9, 0.4) }, 'scratch'],
    ['from scratch where both are equal', { finetune: at(0.9), scratch: at(0.9) }, 'scratch'],
    ['the one that did not fail', { finetune: null, scratch: at(0.1) }, 'scratch'],
    ['the one that did not fail', { finetune: at(0.1), scratch: null }, 'finetune'],
    ['from scratch where both failed', { finetune: null, scratch: null }, 'scratch'],
  ])('is %s', (_, compared, expected) => {
    expect(betterStart(compared)).toBe(expected);
  });
});
