import { createRng, type Rng } from '../../core/index.js';
import { formatArchitecture, type SearchSpace } from '../../space/index.js';
import type { LatencyMeter } from '../../trials/index.js';
import type { Session } from '../study/session.js';
import type { DevicePredictor } from './device-predictor.js';

/** Random networks that are timed; with the scaled presets enough for a first fit. */
const PROBES = 12;

/**
 * Times some random networks of the space in one session and waits for the latency predictor's fit, so that the first proposals
 * are within the limit already: each one that is not would cost as much, and be one trial fewer.
 * @throws NasError what the meter finds
 */
export async function probeLatencies(
  { space, spec, signal }: Pick<Session, 'space' | 'spec' | 'signal'>,
  meter: LatencyMeter,
  predictor: Pick<DevicePredictor, 'measured' | 'fitted'>,
): Promise<void> {
  const texts = randomNetworks(space, createRng(spec.seed).fork('probes'));
  if (texts.length === 0) return;
  const records = await meter.measure(texts, signal, 'short');
  for (const [i, text] of texts.entries()) {
    const latency = records[i];
    if (latency !== undefined) predictor.measured(text, latency);
  }
  await predictor.fitted();
}

/** Distinct ones; a user's own space may not decode all. */
function randomNetworks(space: SearchSpace, rng: Rng): readonly string[] {
  const texts = new Set<string>();
  for (let i = 0; i < PROBES; i++) {
    const genome = space.sample(rng);
    try {
      texts.add(formatArchitecture(space.decode(genome)));
    } catch {
      // As said above.
    }
  }
  return [...texts];
}
