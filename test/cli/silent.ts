import type { Output } from '../../src/cli/output.js';

/** Prints nothing. */
export const silent: Output = {
  width: 100,
  colour: false,
  live: false,
  status: () => undefined,
  print: () => undefined,
  json: () => undefined,
  note: () => undefined,
  keepLost: () => undefined,
  end: (code) => Promise.resolve(code),
};
