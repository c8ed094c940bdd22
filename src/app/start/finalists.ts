import { z } from 'zod';
import {
  latencyRecordSchema,
  readStored,
  type LatencyRecord,
  type TrialReader,
  type TrialStore,
} from '../../trials/index.js';
import { evaluated, type ScalingGain } from '../../report/index.js';
import { maddsOf, parseArchitecture } from '../../space/index.js';
import { factsOf } from '../study/data-facts.js';
import { fittedMultiplier } from './fit-width.js';
import { scaledPresetOf } from '../search/initial-candidates.js';

/** A trial that was timed again and trained longer, to be compared with the other finalists. */
const finalistSchema = z.strictObject({
  trial: z.int(),
  /** The trial's network with all widths multiplied, see `fitWidths`; null: it fits already, left out: not tried yet. */
  fitted: z.strictObject({ text: z.string(), factor: z.number() }).nullable().exactOptional(),
  /** Of a session in full: of the network that is trained, the fitted one where there is one. */
  latency: latencyRecordSchema,
  /** On the held-out pictures, with the mean cross-entropy of the same; null while it is not trained. */
  trained: z.strictObject({ accuracy: z.number(), loss: z.number() }).nullable(),
});
export type Finalist = Readonly<z.infer<typeof finalistSchema>>;
export type TrainedFinalist = Finalist & { readonly trained: NonNullable<Finalist['trained']> };

const NOTE = 'run.finalists';

export function finalistsNoted(reader: TrialReader): readonly Finalist[] {
  return readStored(z.array(finalistSchema), reader.noted(NOTE)) ?? [];
}

export function noteFinalists(store: TrialStore, finalists: Iterable<Finalist>): void {
  store.note(NOTE, [...finalists] satisfies z.input<typeof finalistSchema>[]);
}

/** The trained ones, the one of the least held-out loss first. */
export function rankedFinalists(reader: TrialReader): readonly TrainedFinalist[] {
  return finalistsNoted(reader)
    .filter((one): one is TrainedFinalist => one.trained !== null)
    .toSorted((a, b) => a.trained.loss - b.trained.loss);
}

/** The finalist to retrain; where none was trained, the one that computes most. Undefined where none was found. */
export function bestFinalist(reader: TrialReader): Finalist | undefined {
  return chosenFinalist(reader) ?? mostComputing(reader, finalistsNoted(reader));
}

/** Of networks of about one latency the likely best one while nothing but short trainings says more; see {@link bestFinalist}. */
export function mostComputing<T extends Finalist>(
  reader: TrialReader,
  finalists: readonly T[],
): T | undefined {
  return finalists.toSorted((a, b) => maddsIn(reader, b) - maddsIn(reader, a))[0];
}

/**
 * Of the trained ones that of the least held-out loss; but of those whose accuracy is within one standard error of its own (the
 * one-standard-error rule, Breiman et al. 1984 §3.4.3) the one that computes most: all of them take about the same time, and at equal
 * latency the network that computes more is more accurate once it is trained for long (MoGA, 1908.01314, §4).
 */
function chosenFinalist(reader: TrialReader): TrainedFinalist | undefined {
  const ranked = rankedFinalists(reader);
  const [first] = ranked;
  const pictures = factsOf(reader)?.heldOut ?? null;
  const { error } = evaluated(first?.trained.accuracy ?? 0, pictures);
  if (first === undefined || error === null) return first;
  // Of a difference; both are counted on the same pictures.
  const least = first.trained.accuracy - Math.SQRT2 * error;
  return mostComputing(
    reader,
    ranked.filter(({ trained }) => trained.accuracy >= least),
  );
}

function maddsIn(reader: TrialReader, { trial, fitted }: Finalist): number {
  if (fitted != null) return maddsOf(parseArchitecture(fitted.text));
  return reader.trial(trial)?.madds ?? 0;
}

/** The latency of a finalist's own session; undefined for a trial that is none. */
export function finalistLatency(reader: TrialReader, trial: number): LatencyRecord | undefined {
  return finalistsNoted(reader).find((one) => one.trial === trial)?.latency;
}

/** Undefined where no scaled preset was compared with others. */
export function scalingGain(reader: TrialReader): ScalingGain | undefined {
  const ranked = rankedFinalists(reader);
  const best = chosenFinalist(reader);
  const scaled = ranked.find((one) => presetName(reader, one) !== undefined);
  const name = scaled && presetName(reader, scaled);
  if (best === undefined || scaled === undefined || name === undefined || ranked.length < 2) return undefined;
  return {
    scaled: name,
    accuracy: best.trained.accuracy,
    scaledAccuracy: scaled.trained.accuracy,
    isScaled: scaled === best,
  };
}

/** `mobilenet_v3_small@0.54` of a finalist that is a scaled preset, fitted again or not; undefined for any other. */
export function presetName(reader: TrialReader, { trial, fitted }: Finalist): string | undefined {
  const scaled = scaledPresetOf(reader.trial(trial)?.note);
  if (scaled === undefined) return undefined;
  return `${scaled.preset}@${fittedMultiplier(scaled.multiplier, fitted?.factor ?? 1)}`;
}
