import { z } from 'zod';
import { formatMs, isNasError } from '../core/index.js';
import {
  bestUnder,
  frontier,
  latencyRecordSchema,
  meetsTargets,
  readStored,
  tightestMs,
  type LatencyMeter,
  type TrialRow,
} from '../trials/index.js';
import type { Listener } from './events.js';
import { bestTrial } from './retrain-phase.js';
import { scalePreset, type ScaledPreset, type ScaleWishes } from './scale-preset.js';
import type { Session } from './session.js';

/** The network that a whole run trains from scratch at its end. */
export type FinalNetwork =
  | { readonly kind: 'trial'; readonly trial: number }
  | { readonly kind: 'preset'; readonly scaled: ScaledPreset };

/**
 * The network to retrain; one that misses the target only where none was found that meets it. In order: the most
 * accurate trial that meets it, sampled or shrunk; a proposal of NetAdapt that does; a published network scaled to the
 * target; a trial that was timed but stopped before it was trained. Where all of them miss it, the fastest of all.
 * @throws NasError what the host finds, which is started where a preset is to be timed
 */
export async function chooseFinal(session: Session, listen: Listener): Promise<FinalNetwork> {
  const { spec, store } = session;
  const { targetMs } = spec.latency;
  const done = store.rows({ states: ['done'] });
  const best = bestTrial(store, targetMs);
  if (best !== undefined) return { kind: 'trial', trial: best };
  const device = bestUnder(done, Infinity)?.fingerprint;
  const proposal = done
    .filter((row) => row.kind === 'proposal' && meets(row, targetMs, device))
    .sort((a, b) => (b.accuracy ?? 0) - (a.accuracy ?? 0))[0];
  if (proposal !== undefined) return { kind: 'trial', trial: proposal.trial };

  listen({
    phase: 'prepare',
    text: `no network of the study meets the target of ${formatMs(targetMs)}: scaling a published one to it …`,
  });
  const scaled = await presetFor(session);
  if (scaled?.meets === true) return { kind: 'preset', scaled };
  const untrained = store
    .rows({ states: ['stopped'] })
    .filter((row) => meets(row, targetMs, scaled?.latency.fingerprint ?? device))
    .sort((a, b) => b.madds - a.madds)[0];
  if (untrained !== undefined) return { kind: 'trial', trial: untrained.trial };
  return fastest(done, scaled, targetMs);
}

function meets(row: TrialRow, targetMs: number, device: string | null | undefined): boolean {
  const { latencyMs, latencySource, fingerprint, also } = row;
  if (latencyMs === null || latencySource === 'predicted' || fingerprint !== device) return false;
  return meetsTargets({ medianMs: latencyMs, also }, targetMs);
}

function fastest(
  done: readonly TrialRow[],
  scaled: ScaledPreset | undefined,
  targetMs: number,
): FinalNetwork {
  const row = frontier(done)[0];
  if (row?.latencyMs == null) {
    if (scaled === undefined) throw new TypeError('a search that ended well has no done trial');
    return { kind: 'preset', scaled };
  }
  const ofTrial = tightestMs({ medianMs: row.latencyMs, also: row.also }, targetMs);
  const faster = scaled !== undefined && tightestMs(scaled.latency, targetMs) < ofTrial;
  return faster ? { kind: 'preset', scaled } : { kind: 'trial', trial: row.trial };
}

const NOTE = 'run.scaled';

const scaledSchema = z.strictObject({
  targetMs: z.number(),
  preset: z.string(),
  multiplier: z.number(),
  text: z.string(),
  latency: latencyRecordSchema,
  meets: z.boolean(),
});

/**
 * The published network that is scaled to the study's target; its `meets` says whether it does. Timed once a study, so
 * that an interrupted retraining is resumed with the same network. Undefined for pictures that no preset fits.
 */
export async function presetFor(session: Session): Promise<ScaledPreset | undefined> {
  const { spec, store, signal } = session;
  const { targetMs } = spec.latency;
  const noted = readStored(scaledSchema, store.noted(NOTE));
  if (noted?.targetMs === targetMs) return noted;
  try {
    const scaled = await scaledTo(await session.pool(), { task: spec.task, targetMs, signal });
    store.note(NOTE, { targetMs, ...scaled } satisfies z.input<typeof scaledSchema>);
    return scaled;
  } catch (error) {
    if (isNasError(error) && error.code === 'NAS_BAD_TASK') return undefined;
    throw error;
  }
}

/** MobileNetV3-Small; where even its narrowest misses the target, without squeeze-and-excite and h-swish. */
async function scaledTo(meter: LatencyMeter, wishes: ScaleWishes): Promise<ScaledPreset> {
  const small = await scalePreset(meter, { ...wishes, preset: 'mobilenet_v3_small' });
  if (small.meets) return small;
  const plain = await scalePreset(meter, { ...wishes, preset: 'mobilenet_v3_small_minimalistic' });
  const faster = tightestMs(plain.latency, wishes.targetMs) < tightestMs(small.latency, wishes.targetMs);
  return plain.meets || faster ? plain : small;
}
