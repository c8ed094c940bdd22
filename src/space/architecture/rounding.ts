/**
 * Nearest multiple of 8, at least 8, and never more than 10 % below the value: the rule by which the released
 * code of MobileNetV2, MobileNetV3 and MnasNet rounds scaled widths.
 */
export function divisible8(value: number): number {
  const rounded = Math.max(8, Math.floor((value + 4) / 8) * 8);
  return rounded < 0.9 * value ? rounded + 8 : rounded;
}

/** Nearest multiple of 8, at least 8; halves go up. */
export function nearest8(value: number): number {
  return Math.max(8, Math.round(value / 8) * 8);
}
