import { rmSync } from 'node:fs';
import { createRng, quantile } from '../../core/index.js';
import { startPool } from '../../pool/index.js';
import { formatArchitecture } from '../../space/index.js';
import { hostSpec } from '../study/host-spec.js';
import { spaceOf, type SessionOptions } from '../study/session.js';
import { platformsOf, type StudySpec } from '../study/spec.js';
import { temporaryFolder } from '../temporary.js';

/** Number of random networks that are timed. */
const SAMPLES = 8;
/** The share of them that meets the target: hard enough that choosing matters, easy enough that there is a choice. */
const SHARE = 0.25;

/**
 * A target latency for a user who has none yet: the lower quartile of random networks' latencies on this machine,
 * rounded to two digits. In ms.
 * @param spec a study that is not made yet: its platforms are what the user named
 * @throws NasError what the host met
 */
export async function chooseTarget(spec: StudySpec, { places, signal }: SessionOptions): Promise<number> {
  const folder = temporaryFolder('target');
  try {
    await using pool = await startPool(hostSpec(spec, places, folder, platformsOf(spec)), {
      signal,
      log: () => undefined,
      environment: process.env,
    });
    const space = spaceOf(spec);
    const rng = createRng(spec.seed).fork('target');
    const texts = Array.from({ length: SAMPLES }, () => formatArchitecture(space.decode(space.sample(rng))));
    const records = await pool.measure(texts, signal);
    return Number(
      quantile(
        records.map((record) => record.medianMs),
        SHARE,
      ).toPrecision(2),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
