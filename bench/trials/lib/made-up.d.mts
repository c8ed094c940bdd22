import type { Outcome } from '../../../src/trials/index.js';
export function outcomeOf(id: number): Extract<Outcome, { state: 'done' }>;
