/** Quantile 0.975 of the normal distribution. */
const Z = 1.959963984540054;
/** Of Student's t with 1 to 9 degrees of freedom, where the expansion is still coarse. */
const FEW = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622];

/**
 * Quantile 0.975 of Student's t distribution: half the width of a 95 % interval of a mean is it times s / √n.
 * Cornish–Fisher expansion (Abramowitz & Stegun 26.7.5), within 0.0002 from 10 degrees on.
 * @param degrees n − 1, at least 1
 */
export function studentT(degrees: number): number {
  const few = FEW[degrees - 1];
  if (few !== undefined) return few;
  const z2 = Z * Z;
  const terms = [
    Z,
    (Z * (z2 + 1)) / 4,
    (Z * ((5 * z2 + 16) * z2 + 3)) / 96,
    (Z * (((3 * z2 + 19) * z2 + 17) * z2 - 15)) / 384,
  ];
  return terms.reduceRight((sum, term) => sum / degrees + term, 0);
}
