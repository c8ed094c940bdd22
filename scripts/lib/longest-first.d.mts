import type { BaseSequencer } from 'vitest/node';

export const SECONDS_FILE: string;
export const LongestFirst: typeof BaseSequencer;
