// The start at the width multiplier that meets a latency.
import { formatArchitecture, parseArchitecture } from '../../../dist/space/index.js';
import { withWidth } from '../../../dist/space/architecture/widths.js';

const COARSE = [0.9, 0.75, 0.6, 0.45, 0.3, 0.15];
const BETWEEN = 4;

/** The widest multiplier that meets it, by two sessions: over a coarse grid, then between the two that it lies between. */
export async function scaledTo({ pool, text, targetMs, signal, log }) {
  const whole = parseArchitecture(text);
  const known = new Map();
  const measure = async (factors) => {
    const fresh = factors.map((factor) => [factor, formatArchitecture(withWidth(whole, factor))]);
    const records = await pool.measure(
      fresh.map(([, one]) => one),
      signal,
    );
    for (const [i, [factor, one]] of fresh.entries())
      known.set(factor, { factor, text: one, ms: records[i].medianMs });
  };
  const widest = () => {
    const meeting = [...known.values()].filter(({ ms }) => ms <= targetMs);
    const narrowest = [...known.values()].sort((a, b) => a.factor - b.factor)[0];
    return meeting.sort((a, b) => b.factor - a.factor)[0] ?? narrowest;
  };
  await measure(COARSE);
  const low = widest().factor;
  const high = [1, ...COARSE].filter((factor) => factor > low).at(-1) ?? 1;
  await measure(Array.from({ length: BETWEEN }, (_, k) => low + ((high - low) * (k + 1)) / (BETWEEN + 1)));
  const found = widest();
  log(`width × ${found.factor.toFixed(3)}: ${found.ms.toFixed(3)} ms for ${targetMs.toFixed(3)} ms`);
  return found;
}
