import { describe, it } from 'vitest';
import { createReferenceBackend } from '../../src/backends/index.js';
import { describeBackend } from '../contract/backend.js';
import { isSetUp, prepare, REASON } from './tensorflow.js';

if (isSetUp) {
  const { make } = prepare(2);
  describeBackend('tensorflow, two threads', make, { reference: createReferenceBackend });
} else {
  describe('backend tensorflow', () => it('keeps the contract', (context) => context.skip(REASON)));
}
