import { z } from 'zod';
import { formatMs, isNasError, ms, NasError, type Json } from '../../core/index.js';
import type { InitialCandidate } from '../../search/index.js';
import { maddsOf, paramsOf, parseArchitecture } from '../../space/index.js';
import { bindingMs, readStored, type LatencyMeter, type LatencyRecord } from '../../trials/index.js';
import { NO_PRESET, scalePresets, type ScaledPreset } from '../retrain/scale-preset.js';
import { notePreset } from '../retrain/scaled-note.js';
import type { Session } from '../study/session.js';

/** What is asked of a session. */
export type Scaling = Pick<Session, 'spec' | 'store' | 'signal'>;

/** Share of the target that presets are scaled to: a longer session of the same network differs by as much. */
const WITHIN = 0.97;
/** Of a budget of trials, the share that initial candidates may take: the rest is the search's. */
const MOST = 0.5;

/**
 * The published networks that a new search begins with, each scaled to the study's target by its width, so that a
 * search always knows what scaling alone reaches. Those that no width brings there are left out. None for a study that has
 * trials already.
 * @param onMeasured hears of each network that was timed on the way
 * @throws NasError what the meter finds
 */
export async function initialCandidates(
  { spec, store, signal }: Scaling,
  meter: LatencyMeter,
  onMeasured: (text: string, latency: LatencyRecord) => void,
  notice: (text: string) => void,
): Promise<readonly InitialCandidate[]> {
  const presets = presetsOf(spec);
  if (presets.length === 0 || store.count() > 0) return [];
  const { targetMs } = spec.latency;
  notice(`scaling ${presets.join(', ')} to ${formatMs(ms(targetMs))} …`);
  try {
    const scaled = await scalePresets(meter, {
      ...{ task: spec.task, presets, signal, onMeasured },
      targetMs: WITHIN * targetMs,
      effort: 'short',
    });
    notice(`scaled: ${scaled.map((one) => scaledText(one, targetMs)).join(', ')}`);
    // What computes most at the same latency is most likely the best: it comes first, should time be short.
    const meeting = scaled
      .filter(({ meets }) => meets)
      .map((one) => ({ one, candidate: candidateOf(one) }))
      .sort((a, b) => b.candidate.madds - a.candidate.madds);
    if (meeting[0] !== undefined) notePreset(store, targetMs, meeting[0].one);
    return meeting.map(({ candidate }) => candidate);
  } catch (error) {
    if (!isNasError(error) || !NO_PRESET.includes(error.code)) throw error;
    notice(`no published network is scaled to the target: ${error.found}`);
    return [];
  }
}

/** The presets of a study, fewer where its budget has no room for them. */
function presetsOf({ strategy, budget }: Scaling['spec']): readonly string[] {
  const presets = strategy.scaled ?? [];
  if (budget.trials === null || strategy.name === 'scale') return presets;
  return presets.slice(0, Math.floor(MOST * budget.trials));
}

function scaledText({ preset, multiplier, latency, meets }: ScaledPreset, targetMs: number): string {
  const taken = formatMs(ms(bindingMs(latency, targetMs)));
  return meets ? `${preset}@${multiplier} ${taken}` : `${preset} takes at least ${taken}`;
}

function candidateOf({ preset, multiplier, text, latency }: ScaledPreset): InitialCandidate {
  const architecture = parseArchitecture(text);
  return {
    genome: null,
    text,
    params: paramsOf(architecture),
    madds: maddsOf(architecture),
    note: { preset, multiplier } satisfies z.input<typeof scaledNoteSchema>,
    latency,
  };
}

const scaledNoteSchema = z.strictObject({ preset: z.string(), multiplier: z.number() });

/** The preset that a trial is, by its note; undefined for one that is none. */
export function scaledPresetOf(note: Json | undefined): z.infer<typeof scaledNoteSchema> | undefined {
  return readStored(scaledNoteSchema, note);
}

/** The error of a study that has nothing but scaled presets, and none of those. */
export function nothingScaled(targetMs: number): NasError {
  return new NasError({
    code: 'NAS_NOTHING_FEASIBLE',
    found: `no preset of the study meets the target of ${formatMs(ms(targetMs))} at any width`,
    fix: 'raise --target-latency, name other presets with --scaled, or take another --strategy',
  });
}
