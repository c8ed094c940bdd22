import { formatMs, formatPercent, inSlots, isAborted, ratio } from '../../core/index.js';
import type { Pool } from '../../pool/index.js';
import {
  bindingMs,
  collectRows,
  heldOutLoss,
  type Outcome,
  type TrainingPlan,
  type TrialReader,
  type TrialRow,
} from '../../trials/index.js';
import type { Listener } from '../events.js';
import { meets } from './choose-final.js';
import { scaledPresetOf } from '../search/initial-candidates.js';
import { studyStrategy } from '../search/study-strategy.js';
import { studyDevices } from '../study/same-device.js';
import { statusWriter } from '../study/status.js';
import type { Session } from '../study/session.js';
import {
  finalistsNoted,
  mostComputing,
  noteFinalists,
  presetName,
  rankedFinalists,
  type Finalist,
} from './finalists.js';
import { fitWidths } from './fit-width.js';

/** Latency over the target up to which a network is fitted to it by its widths; a narrower one has less in common with it. */
const OVER = 1.4;
/** The exponent of MnasNet's reward (§3.1): a network of twice the latency is about 5 % more accurate by that alone. */
const LATENCY_EXPONENT = -0.07;
/** Finalists that are trained, and trials that are timed again for them. */
const MOST = 4;
const MOST_TIMED = 8;
/** A training of less than this number of times the search's own says nothing new. */
const LEAST_TIMES = 2;
/** And never less than this, in seconds: compiling and evaluating are part of it. */
const LEAST_SECONDS = 15;
/** Compiling and evaluating come out of the same time. */
const TRAINING_SHARE = 0.85;
/** Of the final training's epochs, where those are given or there is no time budget. */
const EPOCHS_SHARE = 0.25;

/**
 * Times the best trials that meet the target, or miss it by a little, again, in one session, fits them to it by their widths, and
 * trains them from scratch, each for the same time and to the end of its schedule: the network of the final training is chosen
 * by more than the search's short ones. The best scaled preset is always among them. Noted one by one: interrupted, the next call trains what is missing.
 * @param seconds for all of them; null for a share of the final epochs each
 * @throws NasError what the host finds
 */
export async function compareFinalists(
  session: Session,
  seconds: number | null,
  listen: Listener,
): Promise<'interrupted' | 'ended'> {
  const { spec, store, signal } = session;
  if (finalistsNoted(store).length === 0) {
    const candidates = await candidatesOf(session);
    if (candidates.length === 0) return 'ended';
    await timed(session, await session.pool(), candidates);
  }
  const finalists = finalistsNoted(store);
  if (finalists.length === 0 || isAborted(signal)) return isAborted(signal) ? 'interrupted' : 'ended';
  const pool = await session.pool();
  const count = seconds === null ? finalists.length : fitting(store, finalists, seconds, pool.slots);
  if (count < 2) {
    const only = mostComputing(store, finalists);
    await fitted(session, pool, only === undefined ? [] : [only], listen);
    const left = finalistsNoted(store).filter(({ trial }) => trial === only?.trial);
    // The others stay in its place where no width brings it to the target.
    if (left.length > 0) await session.retry.run(() => noteFinalists(store, left), signal);
    return isAborted(signal) ? 'interrupted' : 'ended';
  }
  await fitted(session, pool, finalists.slice(0, count), listen);
  const chosen = finalistsNoted(store).slice(0, count);
  if (chosen.length < 2 || isAborted(signal)) return isAborted(signal) ? 'interrupted' : 'ended';
  const plan = planOf(spec.final, seconds, Math.ceil(count / pool.slots));
  listen({ phase: 'prepare', text: `finalists: ${chosen.map(({ trial }) => `trial ${trial}`).join(', ')}` });
  await trainAll(session, pool, chosen, plan, listen);
  if (isAborted(signal)) return 'interrupted';
  for (const finalist of rankedFinalists(store)) {
    const { trial, trained } = finalist;
    const preset = presetName(store, finalist);
    listen({
      phase: 'prepare',
      text:
        `finalist: trial ${trial} ${formatPercent(ratio(trained.accuracy))}, ` +
        `loss ${trained.loss.toFixed(4)}${preset === undefined ? '' : ` (${preset})`}`,
    });
  }
  return 'ended';
}

/** Notes those that meet the target, or nearly, in a session of their own; the best by the search's measurements where none does. */
async function timed(
  { spec, store, signal, retry }: Session,
  pool: Pool,
  candidates: readonly TrialRow[],
): Promise<void> {
  const { targetMs } = spec.latency;
  const records = await pool.measure(
    candidates.map(({ text }) => text),
    signal,
  );
  const finalists = candidates.flatMap(({ trial }, i): Finalist[] => {
    const latency = records[i];
    if (latency === undefined || bindingMs(latency, targetMs) > OVER * targetMs) return [];
    return [{ trial, latency, trained: null }];
  });
  await retry.run(() => {
    noteFinalists(store, withScaled(store, finalists));
  }, signal);
}

/** Fits the widths of those that were not tried yet, and notes them; what no width brings to the target, or only as another finalist, is one no more. */
async function fitted(
  { spec, store, signal, retry }: Session,
  pool: Pool,
  finalists: readonly Finalist[],
  listen: Listener,
): Promise<void> {
  const untried = finalists.filter((one) => one.fitted === undefined && one.trained === null);
  const { targetMs } = spec.latency;
  const found = await fitWidths(
    pool,
    untried.map(({ trial, latency }) => {
      const stored = store.trial(trial);
      return { text: stored?.text ?? '', latency, preset: scaledPresetOf(stored?.note) };
    }),
    { targetMs, task: spec.task, signal },
  );
  if (untried.length === 0 || isAborted(signal)) return;
  const changed = new Map<number, Finalist | undefined>();
  const taken = new Set(finalistsNoted(store).map(({ trial }) => store.trial(trial)?.text ?? ''));
  for (const [i, one] of untried.entries()) {
    const { trial } = one;
    const fit = found[i];
    if (fit == null || taken.has(fit.text)) {
      changed.set(trial, bindingMs(one.latency, targetMs) > targetMs ? undefined : { ...one, fitted: null });
      continue;
    }
    const { text, factor, latency } = fit;
    taken.add(text);
    changed.set(trial, { ...one, fitted: { text, factor }, latency });
    const [before, after] = [one.latency, latency].map((record) => formatMs(bindingMs(record, targetMs)));
    listen({
      phase: 'prepare',
      text: `trial ${trial} takes ${before}: ${after} with its widths times ${factor.toFixed(2)}`,
    });
  }
  await retry.run(() => {
    noteFinalists(
      store,
      finalistsNoted(store).flatMap((one) =>
        changed.has(one.trial) ? (changed.get(one.trial) ?? []) : [one],
      ),
    );
  }, signal);
}

/** The first few, the best scaled preset second at the latest. */
function withScaled(reader: TrialReader, finalists: readonly Finalist[]): readonly Finalist[] {
  const scaled = finalists.find(({ trial }) => scaledPresetOf(reader.trial(trial)?.note) !== undefined);
  const [first, ...others] = finalists;
  if (first === undefined || scaled === undefined || scaled === first) return finalists.slice(0, MOST);
  return [first, scaled, ...others.filter((one) => one !== scaled)].slice(0, MOST);
}

async function trainAll(
  { spec, store, signal, retry }: Session,
  pool: Pool,
  chosen: readonly Finalist[],
  plan: TrainingPlan,
  listen: Listener,
): Promise<void> {
  using live = statusWriter(store, 'finalists', listen);
  const train = async ({ trial, latency, fitted: fit }: Finalist): Promise<void> => {
    const text = fit?.text ?? store.trial(trial)?.text;
    if (text === undefined || isAborted(signal)) return;
    const outcome = await pool.evaluate(
      {
        ...{ trial, text, plan, latency },
        ...{ seed: `${spec.seed}/finalist/${trial}`, start: { kind: 'random' } },
        ...{ evaluationSplit: 'validation', gateMs: null, checkpoint: null },
      },
      signal,
      (progress) => {
        live.listen({ phase: 'finalists', progress });
        return 'continue';
      },
    );
    const trained = trainedOf(outcome);
    if (trained === null) return;
    await retry.run(() => {
      noteFinalists(
        store,
        finalistsNoted(store).map((one) => (one.trial === trial ? { ...one, trained } : one)),
      );
    }, signal);
  };
  const waiting = chosen.filter(({ trained }) => trained === null);
  await inSlots(pool.slots, waiting, train);
}

/**
 * Distinct networks that meet the target on the study's device or miss it by a little, the most accurate first, where more latency
 * than the target counts against it as in MnasNet's reward; the best scaled preset among them.
 */
async function candidatesOf(session: Session): Promise<readonly TrialRow[]> {
  const { store: reader, spec } = session;
  const { targetMs } = spec.latency;
  const devices = studyDevices(reader);
  const all = await collectRows(reader, { kinds: ['sample', 'netadapt'], states: ['done'] });
  const ranked = merged(
    [1, OVER].map((factor) => {
      const rows = all.filter(
        (row) => meets(row, factor * targetMs, devices) && (factor === 1 || !meets(row, targetMs, devices)),
      );
      return byEstimate(
        session,
        rows.sort((a, b) => (b.accuracy ?? 0) - (a.accuracy ?? 0)),
      );
    }),
    ({ accuracy, latencyMs, also }) => {
      const used = bindingMs({ medianMs: latencyMs ?? 0, also }, targetMs) / targetMs;
      return (accuracy ?? 0) * Math.max(1, used) ** LATENCY_EXPONENT;
    },
  );
  const distinct = ranked.filter((row, i) => ranked.findIndex(({ text }) => text === row.text) === i);
  const scaled = distinct.find((row) => scaledPresetOf(reader.trial(row.trial)?.note) !== undefined);
  const first = distinct.slice(0, MOST_TIMED);
  return scaled === undefined || first.includes(scaled) ? first : [...first.slice(0, -1), scaled];
}

/** One list of several, each kept in its order: next is the first of a list that is worth most. */
function merged<T>(lists: readonly (readonly T[])[], worth: (one: T) => number): readonly T[] {
  const left = lists.map((list) => [...list]);
  const all: T[] = [];
  for (;;) {
    const [next] = left.filter((list) => list.length > 0).sort((a, b) => worth(b[0] as T) - worth(a[0] as T));
    if (next === undefined) return all;
    all.push(next.shift() as T);
  }
}

/**
 * Rows by descending accuracy, those of the strategy's among themselves by what it takes them to be worth: a single short
 * training is noisy, and its estimate averages over their like.
 */
function byEstimate(session: Session, rows: readonly TrialRow[]): readonly TrialRow[] {
  const strategy = studyStrategy(session);
  const genomes = session.store.genomes();
  const own = rows.flatMap((row) => {
    const genome = row.kind === 'sample' ? genomes.get(row.trial) : undefined;
    return genome === undefined ? [] : [{ row, genome }];
  });
  const estimates = strategy.estimates?.(own.map(({ genome }) => genome)) ?? null;
  if (estimates === null) return rows;
  const order = own
    .map(({ row }, i) => ({ row, estimate: estimates[i] ?? 0 }))
    .sort((a, b) => b.estimate - a.estimate)
    .map(({ row }) => row);
  const places = new Set(own.map(({ row }) => row));
  return rows.map((row) => (places.has(row) ? (order.shift() ?? row) : row));
}

/** How many finalists fit into a time, each trained for clearly longer than in the search. */
function fitting(
  reader: TrialReader,
  finalists: readonly Finalist[],
  seconds: number,
  slots: number,
): number {
  const longest = Math.max(...finalists.map(({ trial }) => reader.trial(trial)?.outcome?.seconds ?? 0));
  const rounds = Math.floor(seconds / Math.max(LEAST_SECONDS, LEAST_TIMES * longest));
  return Math.min(finalists.length, rounds * slots);
}

function planOf(final: TrainingPlan, seconds: number | null, rounds: number): TrainingPlan {
  const maxSeconds = seconds === null ? null : (TRAINING_SHARE * seconds) / rounds;
  if (final.fillTime === true && maxSeconds !== null) return { ...final, maxSeconds };
  return { ...final, epochs: EPOCHS_SHARE * final.epochs, maxSeconds };
}

function trainedOf(outcome: Outcome): Finalist['trained'] {
  const loss = heldOutLoss(outcome);
  return outcome.state === 'done' && loss !== null ? { accuracy: outcome.accuracy, loss } : null;
}
