import { createPause, ms, type Pause } from '../../core/index.js';
import {
  fingerprintDigest,
  fitAside,
  LEAST_OBSERVATIONS,
  type Fingerprint,
  type Predictor,
  type TimedNetwork,
} from '../../latency/index.js';
import type { LatencyPredictor } from '../../search/index.js';
import { parseArchitecture } from '../../space/index.js';
import {
  listStudies,
  readStudy,
  type LatencyRecord,
  type TrialReader,
  type TrialRow,
} from '../../trials/index.js';
import type { Places } from '../environment.js';
import { studyFolder } from '../study/studies.js';

/** Fitted again after this number of new measurements. */
const EVERY = 10;
/** Of more, the latest are taken: a fit takes about a second for these. */
const MOST = 400;
/** Rows of another study per read. */
const PORTION = 50;

export interface DevicePredictor extends LatencyPredictor {
  /** Resolves when the current fit is done. */
  fitted(): Promise<void>;
  /** Learns from a network that is no trial. */
  measured(text: string, latency: Pick<LatencyRecord, 'medianMs' | 'source' | 'fingerprint'>): void;
}

/**
 * The latency predictor of one device, learned from what every study in the runs folder measured on it, and from the
 * present search. It is fitted alongside the search, which meanwhile uses the former one, or none. Studies that cannot be
 * read are passed over: what they know is welcome, not needed.
 * @param own the study that is being written, which is read through its own connection only
 * @param fit fits in another thread
 */
export async function devicePredictor(
  places: Places,
  fingerprint: Fingerprint,
  own: TrialReader,
  fit: (networks: readonly TimedNetwork[]) => Promise<Predictor | null> = fitAside,
): Promise<DevicePredictor> {
  const device = fingerprintDigest(fingerprint);
  const known = new Map<string, TimedNetwork>();
  let predictor: Predictor | null = null;
  let fitting: Promise<void> | undefined;
  let learned = 0;

  function note(row: TrialRow): void {
    if (row.fingerprint !== device || row.latencySource !== 'measured' || row.latencyMs === null) return;
    noteLatency(row.text, row.latencyMs);
  }

  function noteLatency(text: string, medianMs: number): void {
    known.delete(text);
    known.set(text, { text, medianMs });
    learned++;
  }

  /** A predictor that cannot be fitted leaves the former one, until there is more to learn from. */
  async function refit(): Promise<void> {
    learned = 0;
    try {
      predictor = (await fit([...known.values()].slice(-MOST))) ?? predictor;
    } catch {
      // As said above.
    }
    fitting = undefined;
  }

  function refitWhereDue(): void {
    const due = known.size >= LEAST_OBSERVATIONS && learned >= EVERY;
    if (due) fitting ??= refit();
  }

  const pause = createPause();
  for (const study of listStudies(places.runs)) {
    const rows = study === own.study.name ? await lastRows(own, pause) : await rowsOf(places, study, pause);
    for (const row of rows) note(row);
    await pause();
  }
  refitWhereDue();
  return {
    fitted: () => fitting ?? Promise.resolve(),
    learn(row) {
      note(row);
      refitWhereDue();
    },
    measured(text, { medianMs, source, fingerprint: of }) {
      if (of !== device || source !== 'measured') return;
      noteLatency(text, medianMs);
      refitWhereDue();
    },
    predict(text) {
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

async function rowsOf(places: Places, study: string, pause: Pause): Promise<readonly TrialRow[]> {
  try {
    using reader = readStudy(studyFolder(places, study));
    return await lastRows(reader, pause);
  } catch {
    return [];
  }
}

/** The latest rows of a study, oldest first. */
async function lastRows(reader: TrialReader, pause: Pause): Promise<readonly TrialRow[]> {
  const rows: TrialRow[] = [];
  while (rows.length < MOST) {
    const portion = reader.rows({
      ...{ kinds: ['sample', 'netadapt'], descending: true },
      ...{ offset: rows.length, limit: Math.min(PORTION, MOST - rows.length) },
    });
    rows.push(...portion);
    if (portion.length < PORTION) break;
    await pause();
  }
  return rows.reverse();
}
