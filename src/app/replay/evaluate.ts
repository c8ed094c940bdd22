import { mean } from '../../core/index.js';
import { fingerprintDigest, type Fingerprint } from '../../latency/index.js';
import { evaluated, type Replayed, type ReplayedAccuracy, type ReplayedLatency } from '../../report/index.js';
import type { LatencyRecord, Outcome, Trial, TrialReader, TrialRow } from '../../trials/index.js';
import { environment } from '../environment.js';
import { picturesEvaluated } from '../study/evaluation-pictures.js';
import { latencyVerdicts } from '../latency/verdict.js';
import type { Training } from './plan.js';
import { specOf } from '../study/studies.js';

/** What came out of it now. */
export interface Now {
  readonly latency: LatencyRecord;
  readonly fingerprint: Fingerprint;
  readonly outcome: Outcome;
  readonly seconds: number;
}

/** Holds what came out now against what the study stores. */
export function evaluateReplay(reader: TrialReader, trial: Trial, training: Training, now: Now): Replayed {
  const stored = trial.outcome;
  const accuracy = stored === null ? null : accuracyOf(reader, trial, training, stored, now.outcome);
  const latencies = latenciesOf(reader, stored?.latency ?? null, now);
  const state = {
    stored: trial.state,
    replayed: now.outcome.state,
    agrees: trial.state === now.outcome.state,
  };
  const verdicts = [state.agrees, accuracy?.agrees ?? null, ...latencies.map((one) => one.agrees)];
  return {
    study: reader.study.name,
    trial: trial.id,
    kind: trial.kind,
    state,
    accuracy,
    latencies,
    remarks: [
      ...(now.outcome.state === 'failed' || now.outcome.state === 'stopped' ? [now.outcome.reason] : []),
      ...(training.exact
        ? []
        : ['a time limit cut the first training; this one has as many steps, at other rates']),
      ...changedSince(reader),
    ],
    agrees: !verdicts.includes(false),
    seconds: now.seconds,
  };
}

/** Two-sided 95 % of a difference of two. */
const Z = 1.96;

/**
 * Equal where the backend gives the same weights each time and neither machine nor version has changed. Else within
 * 1.96 · √(2 (e² + s²)): e the binomial error, s the spread of repeated trainings in this study, where there are some.
 */
function accuracyOf(
  reader: TrialReader,
  { kind }: Trial,
  { exact }: Training,
  stored: Outcome,
  now: Outcome,
): ReplayedAccuracy | null {
  if (stored.state !== 'done' || now.state !== 'done') return null;
  const { host } = specOf(reader);
  const pictures = picturesEvaluated(reader, kind);
  const [then, again] = [evaluated(stored.accuracy, pictures), evaluated(now.accuracy, pictures)];
  const repeatable = host.backend !== 'tensorflow' || host.deterministic;
  if (repeatable && exact && changedSince(reader).length === 0)
    return {
      ...{ stored: then, replayed: again, rule: 'equal', allowed: 0, repeated: null },
      agrees: then.accuracy === again.accuracy,
    };
  const repeated = spreadOfRepeats(reader.rows({ kinds: [kind], states: ['done'] }));
  const errors = [then.error, again.error];
  const known = errors.every((error) => error !== null) || repeated !== null;
  const allowed = known
    ? Z * Math.hypot(...errors.map((error) => error ?? 0), Math.SQRT2 * (repeated ?? 0))
    : null;
  return {
    ...{ stored: then, replayed: again, rule: 'spread', allowed, repeated },
    agrees: allowed === null ? null : Math.abs(then.accuracy - again.accuracy) <= allowed,
  };
}

/** Pooled standard deviation of accuracies of architectures that were trained more than once; null where none was. */
export function spreadOfRepeats(rows: readonly Pick<TrialRow, 'text' | 'accuracy'>[]): number | null {
  const groups = new Map<string, number[]>();
  for (const { text, accuracy } of rows)
    if (accuracy !== null) groups.set(text, [...(groups.get(text) ?? []), accuracy]);
  let squares = 0;
  let freedom = 0;
  for (const values of groups.values()) {
    const centre = mean(values);
    squares += values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
    freedom += values.length - 1;
  }
  return freedom === 0 ? null : Math.sqrt(squares / freedom);
}

/**
 * Latencies agree where their 95 % intervals overlap, or where the median has moved by no more than the median absolute
 * deviation of the stored runs.
 */
function latenciesOf(
  reader: TrialReader,
  stored: LatencyRecord | null,
  { latency, fingerprint }: Now,
): readonly ReplayedLatency[] {
  if (stored === null) return [];
  const madOf = new Map([stored, ...(stored.also ?? [])].map((one) => [one.platform, one.madMs]));
  return latencyVerdicts(stored, latency).map((one): ReplayedLatency => {
    const madMs = madOf.get(one.platform) ?? null;
    if (one.verdict === 'incomparable' || one.a === null || one.b === null)
      return { ...one, why: whyNot(reader, one, fingerprint), madMs, agrees: null };
    const moved = Math.abs(one.a.medianMs - one.b.medianMs);
    return { ...one, madMs, agrees: one.verdict === 'indistinguishable' || moved <= (madMs ?? 0) };
  });
}

function whyNot(
  reader: TrialReader,
  { a, b, why }: Pick<ReplayedLatency, 'a' | 'b' | 'why'>,
  here: Fingerprint,
): string | null {
  if (a === null || b === null)
    return why?.replace('only A', 'only then it').replace('only B', 'only now it') ?? null;
  const known = b.fingerprint === fingerprintDigest(here);
  const device = known ? `${here.deviceName}, ${here.threads} threads of ${here.cores} cores` : 'this device';
  const changed = changedSince(reader);
  const rest =
    changed.length === 0 ? 'threads, a driver or a version of the runtime differ' : changed.join('; ');
  return (
    `latencies of different devices are not compared: stored on ${a.fingerprint.slice(0, 8)}, ` +
    `now ${b.fingerprint.slice(0, 8)} (${device}); ${rest}`
  );
}

/** What is noted of the study's machine and of this one, where it differs and may change a result. */
function changedSince(reader: TrialReader): readonly string[] {
  const then = reader.study.environment;
  const here = environment();
  if (then === null || typeof then !== 'object' || Array.isArray(then)) return [];
  const noted = then as Readonly<Record<string, unknown>>;
  return ['platformNas', 'node', 'cpu', 'cores', 'architecture'].flatMap((key) => {
    const [before, after] = [noted[key], here[key]];
    const plain = typeof before === 'string' || typeof before === 'number';
    return plain && before !== after ? [`${key} was ${before}, is ${JSON.stringify(after)}`] : [];
  });
}
