import { faultOf, messageOf, stopwatch } from '../../core/index.js';
import {
  bindingMs,
  collectRows,
  isOnDevices,
  type Done,
  type LatencyMeter,
  type LatencyRecord,
  type NewTrial,
  type Trial,
  type TrialReader,
  type TrialRow,
  type TrialStore,
} from '../../trials/index.js';
import { studyReward } from '../search/reward.js';
import { bestRows } from './best-rows.js';
import type { StudySpec } from './spec.js';

/** What timing again needs of a session. */
export interface TimingAgain {
  readonly store: TrialStore;
  readonly spec: StudySpec;
  readonly meter: LatencyMeter;
  readonly signal: AbortSignal;
  /** Gets a line per trial. */
  readonly notice: (text: string) => void;
}

/**
 * Times again on the present device what was best on the former one, see {@link bestRows}; {@link timedOn} says how each
 * is stored. What an interrupted call has timed is not timed twice. A network that the new device does not take is passed
 * over.
 * @throws NasError a fault of the surroundings; what stops the meter
 */
export async function timeFrontierAgain(
  work: TimingAgain,
  from: readonly string[],
  to: readonly string[],
): Promise<void> {
  const wanted = await bestOf(work.store, work.spec, from);
  if (wanted.length === 0) return;
  work.notice(
    `another device: timing ${wanted.length} trials again, the frontier and the best of the former one …`,
  );
  for (const row of wanted) {
    const trial = work.store.trial(row.trial);
    if (trial === undefined) continue;
    try {
      const timed = await timedOn(work, trial, to);
      const latency = timed.outcome?.latency;
      if (latency != null)
        work.notice(
          `trial ${trial.id} on this device: ${latency.medianMs.toPrecision(3)} ms (trial ${timed.id})`,
        );
    } catch (error) {
      if (work.signal.aborted || faultOf(error) !== undefined) throw error;
      work.notice(`warning: trial ${trial.id} cannot be timed on this device: ${messageOf(error)}`);
    }
  }
}

/**
 * The trial with a latency of these devices: itself where it has one, else the trial that times it again. That one is of
 * the same kind, has the trial for its parent and the same architecture, accuracy, curve and file of weights; only its
 * latency, and with it the reward, is new. So frontier and best of the new device contain it like any other, export and
 * NetAdapt find its weights, and nothing of the former device changes. Of a trial that was not trained to the end, which
 * none of them would contain, nothing is stored.
 */
export async function timedOn(work: TimingAgain, trial: Trial, devices: readonly string[]): Promise<Trial> {
  const { outcome } = trial;
  if (outcome?.latency == null || isOnDevices(outcome.latency, devices)) return trial;
  const known = knownAgain(work.store, trial, devices);
  if (known !== undefined) return known;
  const elapsed = stopwatch();
  const [latency] = await work.meter.measure([trial.text], work.signal);
  if (latency === undefined) throw new TypeError('the meter gave no record');
  if (outcome.state !== 'done') return { ...trial, outcome: { ...outcome, latency } };
  return store(work, trial, { ...outcome, latency, seconds: elapsed() / 1000 });
}

/** Whether a trial is another one that was timed again; see {@link timedOn}. */
export function againOf({ note }: Pick<Trial, 'note'>): number | undefined {
  if (note === null || typeof note !== 'object' || !('timedAgain' in note)) return undefined;
  return typeof note.timedAgain === 'number' ? note.timedAgain : undefined;
}

/** The trial that was timed first, of those that time one another again. */
export function originOf(reader: TrialReader, id: number | null): number | null {
  const trial = id === null ? undefined : reader.trial(id);
  const first = trial && againOf(trial);
  // Parents have smaller numbers, whatever a damaged store says.
  return first === undefined || first >= (id ?? 0) ? id : originOf(reader, first);
}

function knownAgain(reader: TrialReader, { id }: Trial, devices: readonly string[]): Trial | undefined {
  for (const trial of reader.trials({ parent: id, states: ['done'] }))
    if (againOf(trial) === id && isOnDevices(trial.outcome?.latency ?? NOWHERE, devices)) return trial;
  return undefined;
}

const NOWHERE = { fingerprint: '', also: undefined } as unknown as LatencyRecord;

function store({ store: trials, spec }: TimingAgain, trial: Trial, outcome: Done): Trial {
  const { kind, id, genome, text, params, madds, seed } = trial;
  const again: NewTrial = {
    ...{ kind, parent: id, genome, text, params, madds, seed },
    note: { timedAgain: id },
  };
  const [begun] = trials.begin([again], trials.strategyState());
  if (begun === undefined) throw new TypeError('the store began no trial');
  const { reward, targetMs } = studyReward(spec);
  const value = kind === 'sample' ? reward(outcome.accuracy, bindingMs(outcome.latency, targetMs)) : null;
  return trials.finish(begun.id, outcome, value, trials.strategyState());
}

/** What frontier, best, NetAdapt and retraining would begin with on those devices, by ascending trial. */
async function bestOf(
  reader: TrialReader,
  { latency }: StudySpec,
  devices: readonly string[],
): Promise<readonly TrialRow[]> {
  const rows = await collectRows(reader, { kinds: ['sample', 'netadapt', 'retrain'], states: ['done'] });
  const there = rows.filter((row) => isOnDevices(row, devices));
  return [...bestRows(there, latency).keys()].sort((a, b) => a.trial - b.trial);
}
