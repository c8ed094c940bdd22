import { z } from 'zod';
import { formatMs, isNasError, ms, NasError, withPauses, type Json } from '../../core/index.js';
import type { InitialCandidate } from '../../search/index.js';
import { costsOf, formatArchitecture, nearestGenome, parseArchitecture } from '../../space/index.js';
import { bindingMs, readStored, type LatencyMeter, type LatencyRecord } from '../../trials/index.js';
import { NO_PRESET, scalePresets, type ScaledPreset } from '../retrain/scale-preset.js';
import { notePreset } from '../retrain/scaled-note.js';
import type { Session } from '../study/session.js';

/** What is asked of a session. */
export type Scaling = Pick<Session, 'spec' | 'space' | 'store' | 'signal'>;

/** Share of the target that presets are scaled to: a longer session of the same network differs by as much. */
export const WITHIN = 0.97;
/** Of a budget of trials, the share that initial candidates may take: the rest is the search's. */
const MOST = 0.5;

/** Farthest that a network of the space may be from a preset, per block, to be tried in its company. */
const NEAR = 0.5;
/** Such networks at most: a short search has time for some dozen candidates. */
const MOST_NEAR = 2;

/**
 * The published networks that a new search begins with, each scaled to the study's target by its width, so that a
 * search always knows what scaling alone reaches; and the networks of the search space that are nearest to them, where
 * any is near, so that the strategy can change those choice by choice. Presets that no width brings to the target are left out. None
 * for a study that has trials already.
 * @param onMeasured hears of each network that was timed on the way
 * @throws NasError what the meter finds
 */
export async function initialCandidates(
  { spec, space, store, signal }: Scaling,
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
    const [first, ...others] = meeting.map(({ candidate }) => candidate);
    if (meeting[0] === undefined || first === undefined) return [];
    notePreset(store, targetMs, meeting[0].one);
    if (spec.strategy.name === 'scale') return [first, ...others];
    const [near, ...more] = await nearestOf(
      space,
      meeting.map(({ one }) => one),
    );
    return [first, ...(near === undefined ? [] : [near]), ...others, ...more];
  } catch (error) {
    if (!isNasError(error) || !NO_PRESET.includes(error.code)) throw error;
    notice(`no published network is scaled to the target: ${error.found}`);
    return [];
  }
}

/** Of each scaled preset the nearest network of the space, where one is near; different ones, and none of the presets themselves. */
async function nearestOf(
  space: Session['space'],
  presets: readonly ScaledPreset[],
): Promise<readonly InitialCandidate[]> {
  const found: InitialCandidate[] = [];
  const taken = new Set(presets.map(({ text }) => text));
  for (const { preset, multiplier, text } of presets) {
    if (found.length === MOST_NEAR) break;
    const wanted = parseArchitecture(text);
    const nearest = await withPauses(nearestGenome(space, wanted));
    if (nearest === undefined || nearest.distance > NEAR * wanted.blocks.length) continue;
    const architecture = space.decode(nearest.genome);
    const own = formatArchitecture(architecture);
    if (taken.has(own)) continue;
    taken.add(own);
    found.push({
      ...{ genome: nearest.genome, text: own, ...costsOf(architecture) },
      note: { near: `${preset}@${multiplier}` },
    });
  }
  return found;
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
  return {
    genome: null,
    text,
    ...costsOf(parseArchitecture(text)),
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
