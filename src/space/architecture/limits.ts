/** Bounds of every number in an architecture; what lies outside is an error or an attack, never a network. */
export const LIMITS = {
  /** Characters of a text form. */
  text: 65_536,
  blocks: 512,
  /** Height and width of the picture. */
  side: 8_192,
  /** Channels of the picture, widths, expansions, squeezed widths. */
  width: 16_384,
  /** Outputs of a dense layer; labels are 16-bit numbers. */
  dense: 65_535,
  kernel: 11,
} as const;

/** Odd kernels from 1 to 11. */
export const KERNELS: readonly number[] = [1, 3, 5, 7, 9, 11];

export const ACTIVATIONS = ['re', 'r6', 'hs', 'id'] as const;
export const GATES = ['hsig', 'sig'] as const;
export const SKIPS = ['id', 'pool', 'no'] as const;
