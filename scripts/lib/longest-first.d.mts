import type { BaseSequencer } from 'vitest/node';

export const SECONDS_FILE: string;
export const LISTED_FROM: number;
export const LongestFirst: typeof BaseSequencer;
