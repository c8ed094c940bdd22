import { formatMs, isNasError, ms } from '../../core/index.js';
import {
  devicesOf,
  collectRows,
  isOnDevices,
  meetsTargets,
  bindingMs,
  type LatencyMeter,
  type LatencyRecord,
  type TrialReader,
  type TrialRow,
} from '../../trials/index.js';
import type { Listener } from '../events.js';
import { bestFinalist } from './finalists.js';
import { bestTrial } from '../retrain/phase.js';
import type { FittedWidths } from '../retrain/phase.js';
import { NO_PRESET, scalePreset, type ScaledPreset, type ScaleOptions } from '../retrain/scale-preset.js';
import { isWidest, notedPreset, notePreset } from '../retrain/scaled-note.js';
import { studyDevices } from '../study/same-device.js';
import { fittedMultiplier, fitWidths } from './fit-width.js';
import type { Session } from '../study/session.js';

/** The network that a whole run trains from scratch at its end. */
export type FinalNetwork =
  | { readonly kind: 'trial'; readonly trial: number; readonly fitted?: FittedWidths }
  | { readonly kind: 'preset'; readonly scaled: ScaledPreset };

/**
 * The network to retrain; one that misses the target only where none was found that meets it. In order: the best
 * finalist; the most accurate trial that meets it, sampled or shrunk; a proposal of NetAdapt that does; a published network scaled to the
 * target; a trial that was timed but stopped before it was trained. Where all of them miss it, the fastest of all that were timed.
 * @throws NasError what the host finds, which is started where a preset is to be timed
 */
export async function chooseFinal(session: Session, listen: Listener): Promise<FinalNetwork> {
  const { spec, store } = session;
  const { targetMs } = spec.latency;
  const finalist = bestFinalist(store);
  if (finalist !== undefined && stillMeets(store, finalist.latency, targetMs))
    return {
      ...{ kind: 'trial', trial: finalist.trial },
      ...(finalist.fitted ? { fitted: finalist.fitted } : {}),
    };
  const meeting = bestTrial(store, targetMs);
  if (meeting !== undefined) return { kind: 'trial', trial: meeting };
  const best = store.best(Infinity);
  const devices = best && devicesOf(best);
  const proposal = store
    .rows({ kinds: ['proposal'], states: ['done'] })
    .filter((row) => meets(row, targetMs, devices))
    .sort((a, b) => (b.accuracy ?? 0) - (a.accuracy ?? 0))[0];
  if (proposal !== undefined) return { kind: 'trial', trial: proposal.trial };

  listen({
    phase: 'prepare',
    text:
      `no network that was trained meets the target of ${formatMs(targetMs)}` +
      (notedPreset(store, targetMs) === undefined ? ': scaling a published one to it …' : ''),
  });
  const scaled = await presetFor(session);
  if (scaled?.meets === true) return { kind: 'preset', scaled: await widest(session, scaled) };
  const scaledOn = scaled && devicesOf(scaled.latency);
  const untrained = store
    .rows({ states: ['stopped'] })
    .filter((row) => meets(row, targetMs, scaledOn ?? devices))
    .sort((a, b) => b.madds - a.madds)[0];
  if (untrained !== undefined) return { kind: 'trial', trial: untrained.trial };
  const timed = await collectRows(store, { states: ['done', 'infeasible', 'stopped'] });
  return fastest(timed, scaled, devices ?? scaledOn, targetMs);
}

/** Not so where the study went to another device since the finalists were compared. */
function stillMeets(store: TrialReader, latency: LatencyRecord, targetMs: number): boolean {
  const devices = studyDevices(store);
  return (
    devices !== undefined && isOnDevices(latency, devices) && bindingMs(latency, ms(targetMs)) <= targetMs
  );
}

/** Whether a trial was timed within the targets on these devices. */
export function meets(row: TrialRow, targetMs: number, devices: readonly string[] | undefined): boolean {
  const { latencyMs, latencySource, also } = row;
  if (latencyMs === null || latencySource === 'predicted' || !isOn(row, devices)) return false;
  return meetsTargets({ medianMs: latencyMs, also }, targetMs);
}

function isOn(row: TrialRow, devices: readonly string[] | undefined): boolean {
  return devices !== undefined && isOnDevices(row, devices);
}

/** Of all that were timed on the device, those too slow to be trained included: with nothing better, the nearest one. */
function fastest(
  timed: readonly TrialRow[],
  scaled: ScaledPreset | undefined,
  devices: readonly string[] | undefined,
  targetMs: number,
): FinalNetwork {
  const [nearest] = timed
    .flatMap((row) => {
      const { trial, kind, latencyMs, latencySource, also } = row;
      return kind === 'retrain' || latencyMs === null || latencySource === 'predicted' || !isOn(row, devices)
        ? []
        : [{ trial, binding: bindingMs({ medianMs: latencyMs, also }, targetMs) }];
    })
    .sort((a, b) => a.binding - b.binding);
  if (
    scaled !== undefined &&
    (nearest === undefined || bindingMs(scaled.latency, targetMs) < nearest.binding)
  )
    return { kind: 'preset', scaled };
  if (nearest === undefined) throw new TypeError('a search that ended well timed no network');
  return { kind: 'trial', trial: nearest.trial };
}

/**
 * The published network that is scaled to the study's target; its `meets` says whether it does. Timed once a study, so
 * that an interrupted retraining is resumed with the same network. Undefined where no preset fits the pictures or
 * the latency table.
 */
export async function presetFor(session: Session): Promise<ScaledPreset | undefined> {
  const { spec, store, signal } = session;
  const { targetMs } = spec.latency;
  const noted = notedPreset(store, targetMs);
  if (noted !== undefined) return noted;
  try {
    const scaled = await scaledTo(await session.pool(), { task: spec.task, targetMs, signal });
    notePreset(store, targetMs, scaled);
    return scaled;
  } catch (error) {
    if (isNasError(error) && NO_PRESET.includes(error.code)) return undefined;
    throw error;
  }
}

/** The preset as wide as the target allows, where it was scaled by the search's short sessions; noted, so that a resumed run has the same. */
async function widest(
  { spec, store, signal, pool, retry }: Session,
  scaled: ScaledPreset,
): Promise<ScaledPreset> {
  const { targetMs } = spec.latency;
  if (isWidest(store)) return scaled;
  const { preset, multiplier, text, latency } = scaled;
  const [wider] = await fitWidths(await pool(), [{ text, latency, preset: { preset, multiplier } }], {
    ...{ targetMs, task: spec.task, signal },
  });
  const chosen = wider
    ? {
        ...{ ...scaled, text: wider.text, latency: wider.latency },
        multiplier: fittedMultiplier(multiplier, wider.factor),
      }
    : scaled;
  await retry.run(() => {
    notePreset(store, targetMs, chosen, true);
  }, signal);
  return chosen;
}

/** MobileNetV3-Small; where even its narrowest misses the target, without squeeze-and-excite and h-swish. */
async function scaledTo(meter: LatencyMeter, requested: ScaleOptions): Promise<ScaledPreset> {
  const small = await scalePreset(meter, { ...requested, preset: 'mobilenet_v3_small' });
  if (small.meets) return small;
  const plain = await scalePreset(meter, { ...requested, preset: 'mobilenet_v3_small_minimalistic' });
  const faster = bindingMs(plain.latency, requested.targetMs) < bindingMs(small.latency, requested.targetMs);
  return plain.meets || faster ? plain : small;
}
