/** From the agent to the process that holds the networks. */
export type ToRunner =
  | { readonly kind: 'load'; readonly call: number; readonly model: string; readonly bytes: Uint8Array }
  | {
      readonly kind: 'time';
      readonly call: number;
      readonly model: string;
      readonly count: number;
      readonly limitMs: number;
    }
  | { readonly kind: 'drop'; readonly call: number; readonly model: string };

/** From that process: once that it is ready, then an answer to each call. */
export type FromRunner =
  | { readonly kind: 'ready'; readonly version: string }
  | { readonly kind: 'unusable'; readonly problem: string }
  | {
      readonly kind: 'done';
      readonly call: number;
      readonly runsMs: readonly number[];
      /** Step of the clock by the runs of a sample, ms; 0 where it is beneath notice. */
      readonly clockStepMs: number;
    }
  | { readonly kind: 'refused'; readonly call: number; readonly problem: string };
