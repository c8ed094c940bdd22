import { ms } from '../core/index.js';
import {
  fingerprintDigest,
  fitPredictor,
  LEAST_OBSERVATIONS,
  type Fingerprint,
  type Observation,
  type Predictor,
} from '../latency/index.js';
import type { Foresight } from '../search/index.js';
import { parseArchitecture } from '../space/index.js';
import { listStudies, readStudy, type TrialReader, type TrialRow } from '../trials/index.js';
import type { Places } from './environment.js';
import { studyFolder } from './studies.js';

/** Learned anew after so many new measurements. */
const EVERY = 10;
/** Of more, the latest are taken: a fit takes less than a second for these. */
const MOST = 400;

/**
 * The latency predictor of one device, learned from what every study in the runs folder measured on it, and from the
 * present search as it goes on. Studies that cannot be read are passed over: what they know is welcome, not needed.
 * @param own the study that is being written, which is read through its own connection only
 */
export function foresight(places: Places, fingerprint: Fingerprint, own: TrialReader): Foresight {
  const device = fingerprintDigest(fingerprint);
  const known = new Map<string, { readonly text: string; readonly medianMs: number }>();
  let predictor: Predictor | null = null;
  let learned = 0;

  function learn(row: TrialRow): void {
    if (row.fingerprint !== device || row.latencySource !== 'measured' || row.latencyMs === null) return;
    known.delete(row.text);
    known.set(row.text, { text: row.text, medianMs: row.latencyMs });
    learned++;
  }

  const past = listStudies(places.runs).flatMap((study) =>
    study === own.study.name ? lastRows(own) : rowsOf(places, study),
  );
  for (const row of past) learn(row);
  return {
    learn,
    predict(text) {
      if (known.size >= LEAST_OBSERVATIONS && (predictor === null || learned >= EVERY)) {
        predictor = fitPredictor([...known.values()].slice(-MOST).flatMap(observed));
        learned = 0;
      }
      if (predictor === null) return null;
      const { medianMs, lowMs, highMs, lacking } = predictor.predict(parseArchitecture(text));
      return {
        source: 'predicted',
        platform: fingerprint.platform,
        medianMs,
        madMs: 0,
        p90Ms: ms(highMs),
        lowMs,
        highMs,
        runs: 0,
        batch: fingerprint.batch,
        fingerprint: device,
        samplesMs: [],
        ...(lacking.length === 0 ? {} : { lacking }),
      };
    },
  };
}

function observed({ text, medianMs }: { text: string; medianMs: number }): Observation[] {
  try {
    return [{ architecture: parseArchitecture(text), medianMs }];
  } catch {
    return []; // Of a study that was tampered with.
  }
}

function rowsOf(places: Places, study: string): readonly TrialRow[] {
  try {
    using reader = readStudy(studyFolder(places, study));
    return lastRows(reader);
  } catch {
    return [];
  }
}

function lastRows(reader: TrialReader): readonly TrialRow[] {
  return reader.rows({ kinds: ['sample', 'netadapt'], descending: true, limit: MOST }).toReversed();
}
