/**
 * The one rule by which networks that were made for 224×224 adapt to other pictures.
 *
 * The number of halvings is floor(log2(min(height, width) / 3.5)), at least 0 and at most what the network has:
 * 224 → 5, 64 → 4, 32 → 3, 28 → 3, so the last map is never smaller than about 4×4. Halvings too many are taken
 * first from the stem, then from the last strided block backwards: at 28×28 the stem and the last strided stage
 * keep stride 1 and the last map is 4×4.
 *
 * Why this order: a small picture has no detail to give away early, so the stem works at full resolution; of the
 * others the early ones are worth most, since each quarters the work of everything behind it, and training stays
 * cheap.
 */
export function adaptStrides(
  strides: readonly (1 | 2)[],
  input: readonly [number, number, number],
): readonly (1 | 2)[] {
  const adapted: (1 | 2)[] = [...strides];
  const strided = [...adapted.keys()].filter((index) => adapted[index] === 2);
  let surplus = strided.length - halvingsFor(input, strided.length);
  const order = [
    ...strided.filter((index) => index === 0),
    ...strided.filter((index) => index > 0).reverse(),
  ];
  for (const index of order) {
    if (surplus <= 0) break;
    adapted[index] = 1;
    surplus--;
  }
  return adapted;
}

/** How many times a picture of this size may be halved, `most` at most. */
function halvingsFor(input: readonly [number, number, number], most: number): number {
  const halvings = Math.floor(Math.log2(Math.min(input[0], input[1]) / 3.5));
  return Math.min(Math.max(halvings, 0), most);
}
