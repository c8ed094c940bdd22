/**
 * Kendall's τ-b in n log n (Knight 1966): 1 where both order all pairs the same way, −1 where they do so the other way round;
 * ties count in neither. NaN where one side is constant.
 */
export function kendall(pairs: readonly (readonly [number, number])[]): number {
  const sorted = [...pairs].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const x = sorted.map(([first]) => first);
  const y = sorted.map(([, second]) => second);
  const both = tiedPairs(sorted, (a, b) => a[0] === b[0] && a[1] === b[1]);
  const tiedX = tiedPairs(x, (a, b) => a === b);
  const swaps = sortCounting(y);
  const tiedY = tiedPairs(y, (a, b) => a === b);
  const all = (pairs.length * (pairs.length - 1)) / 2;
  return (all - tiedX - tiedY + both - 2 * swaps) / Math.sqrt((all - tiedX) * (all - tiedY));
}

function tiedPairs<T>(sorted: readonly T[], equal: (a: T, b: T) => boolean): number {
  let tied = 0;
  let run = 0;
  for (let i = 1; i < sorted.length; i++) {
    run = equal(sorted[i - 1] as T, sorted[i] as T) ? run + 1 : 0;
    tied += run;
  }
  return tied;
}

/** Sorts ascending in place by merging; returns how many pairs stood the wrong way round. */
function sortCounting(values: number[]): number {
  let from = values;
  let to = new Array<number>(values.length);
  let swaps = 0;
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      const middle = Math.min(start + width, values.length);
      const end = Math.min(start + 2 * width, values.length);
      let [left, right] = [start, middle];
      for (let at = start; at < end; at++) {
        if (right >= end || (left < middle && (from[left] as number) <= (from[right] as number)))
          to[at] = from[left++] as number;
        else {
          swaps += middle - left;
          to[at] = from[right++] as number;
        }
      }
    }
    [from, to] = [to, from];
  }
  if (from !== values) for (const [i, value] of from.entries()) values[i] = value;
  return swaps;
}
