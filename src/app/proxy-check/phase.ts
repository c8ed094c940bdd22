import { formatMs, inSlots, isAborted, ms, NasError, withPauses } from '../../core/index.js';
import type { Pool } from '../../pool/index.js';
import type { ProxyCheckView } from '../../report/index.js';
import { bindingMs, type TrainingPlan, type Trial } from '../../trials/index.js';
import type { Listener } from '../events.js';
import { statusWriter } from '../study/status.js';
import type { Session } from '../study/session.js';
import { spreadNetworks, spreadOver } from './networks.js';
import { LEAST_NETWORKS, proxyCheckOf } from './result.js';
import {
  noteSettings,
  SCHEDULES,
  settingsOf,
  trainingNote,
  trainingOf,
  type CheckedTraining,
  type ProxyCheckSettings,
} from './settings.js';

export interface ProxyCheckOptions {
  /** ≥ 4. */
  readonly networks: number;
  /** Trainings of each network by each schedule. */
  readonly repeats: number;
  readonly longSteps: number;
  /** Only networks that take at most this, and half of it at least; null: of any latency. */
  readonly targetMs: number | null;
}

/** Networks that are timed for each that is wanted, where a target limits them. */
const TIMED = 5;
/** Epochs that no number of steps here reaches. */
const MANY_EPOCHS = 10_000;

/**
 * Trains networks spread over the space by the search's schedule and by a long one, each several times, and compares the orders in
 * which both put them: whether the short training of a search is a proxy for the long one (MnasNet §4.3 calls its five epochs the
 * proxy task). Every training is a trial. Interrupted, the next call trains what is missing.
 * @param requested ignored where the study has its networks already
 * @returns undefined when interrupted
 * @throws NasError `NAS_PROXY_CHECK` where too few networks could be trained; what the host finds
 */
export async function proxyCheckPhase(
  session: Session,
  requested: ProxyCheckOptions,
  listen: Listener,
): Promise<ProxyCheckView | undefined> {
  const { store, spec, signal } = session;
  if (settingsOf(store) === undefined && store.count() > 0) throw otherStudy(spec.study);
  const pool = await session.pool();
  const settings = settingsOf(store) ?? (await chosen(session, pool, requested, listen));
  if (settings === undefined) return undefined;
  using live = statusWriter(store, 'proxy check', listen);
  const waiting = missing(session, settings);
  const count = settings.networks.length * settings.repeats * SCHEDULES.length;
  let done = count - waiting.length;
  const train = async (training: CheckedTraining): Promise<void> => {
    if (isAborted(signal)) return;
    const trial = await begun(session, settings, training);
    const outcome = await pool.evaluate(
      {
        ...{ trial: trial.id, text: trial.text, seed: trial.seed, start: { kind: 'random' } },
        ...{ plan: planOf(spec.proxy, settings, training), evaluationSplit: 'validation', gateMs: null },
        ...{ checkpoint: null, latency: settings.networks[training.network]?.latency ?? null },
      },
      signal,
      (progress) => {
        live.listen({ phase: 'proxy check', progress, done, count });
        return 'continue';
      },
    );
    if (outcome.state === 'stopped' && isAborted(signal)) return;
    const finished = await session.retry.run(
      () => store.finish(trial.id, outcome, null, store.strategyState()),
      signal,
    );
    live.listen({ phase: 'proxy check', finished, done: ++done, count });
  };
  await inSlots(pool.slots, waiting, train);
  if (isAborted(signal)) return undefined;
  const result = proxyCheckOf(store, spec.proxy.maxSteps);
  if (result !== undefined) return result;
  throw new NasError({
    code: 'NAS_PROXY_CHECK',
    found: 'fewer than four networks were trained by both schedules',
    expected: 'at least four of which every training ended well',
    fix: `see why trainings failed: nas trials ${spec.study}; or try more --networks`,
  });
}

/** Draws the networks, times them in one session and notes them; undefined when interrupted. */
async function chosen(
  { space, spec, store, signal, retry }: Session,
  pool: Pool,
  { networks: count, repeats, longSteps, targetMs }: ProxyCheckOptions,
  listen: Listener,
): Promise<ProxyCheckSettings | undefined> {
  const drawn = targetMs === null ? count : TIMED * count;
  const networks = await withPauses(spreadNetworks(space, drawn, spec.seed));
  listen({ phase: 'prepare', text: `timing ${networks.length} networks of space ${space.name} …` });
  const records = await pool.measure(
    networks.map(({ text }) => text),
    signal,
    'short',
  );
  if (isAborted(signal)) return undefined;
  const timed = networks.flatMap(({ genome, ...one }, i) => {
    const latency = records[i];
    return latency === undefined ? [] : [{ ...one, genome: [...genome], latency }];
  });
  const within = timed.filter(({ latency }) => {
    const share = targetMs === null ? 1 : bindingMs(latency, ms(targetMs)) / targetMs;
    return share <= 1 && share >= 0.5;
  });
  if (within.length < LEAST_NETWORKS) throw tooFew(within.length, timed.length, targetMs ?? 0);
  const settings = { networks: spreadOver(within, count), repeats, longSteps };
  await retry.run(() => {
    noteSettings(store, settings);
  }, signal);
  return settings;
}

function otherStudy(study: string): NasError {
  return new NasError({
    code: 'NAS_PROXY_CHECK',
    found: `study ${study} has trials of another kind`,
    expected: 'a study that nas proxy-check made',
    fix: 'choose another name with --study, or leave out --resume',
  });
}

function tooFew(found: number, timed: number, targetMs: number): NasError {
  return new NasError({
    code: 'NAS_PROXY_CHECK',
    found: `${found} of ${timed} random networks take between half of the target of ${formatMs(ms(targetMs))} and all of it`,
    expected: `at least ${LEAST_NETWORKS}`,
    fix: 'choose another --target-latency, or leave it out',
  });
}

/** The trainings without a result, the short ones first: they say soonest whether anything is learned at all. */
function missing({ store }: Session, { networks, repeats }: ProxyCheckSettings): CheckedTraining[] {
  const ended = new Set(
    [...store.trials({ kinds: ['sample'] })].flatMap(({ note, state }) =>
      state === 'running' ? [] : [keyOf(trainingOf(note))],
    ),
  );
  const all = SCHEDULES.flatMap((schedule) =>
    Array.from({ length: repeats }, (_, repeat) =>
      Array.from(networks.keys(), (network) => ({ schedule, network, repeat })),
    ).flat(),
  );
  return all.filter((training) => !ended.has(keyOf(training)));
}

/** The trial of a training: an interrupted one again, or a new one. */
function begun(
  { store, spec, signal, retry }: Session,
  { networks }: ProxyCheckSettings,
  training: CheckedTraining,
): Promise<Trial> {
  const left = [...store.trials({ states: ['running'] })].find(
    ({ note }) => keyOf(trainingOf(note)) === keyOf(training),
  );
  const network = networks[training.network];
  if (network === undefined) throw new TypeError('a training of no network');
  const { genome, text, params, madds } = network;
  return retry.run(() => {
    if (left !== undefined) return store.retry(left.id);
    const [trial] = store.begin(
      [
        {
          ...{ kind: 'sample', parent: null, genome, text, params, madds },
          ...{ seed: `${spec.seed}/proxy-check/${keyOf(training)}`, note: trainingNote(training) },
        },
      ],
      store.strategyState(),
    );
    if (trial === undefined) throw new TypeError('the store began no trial');
    return trial;
  }, signal);
}

function planOf(
  proxy: TrainingPlan,
  { longSteps }: ProxyCheckSettings,
  { schedule }: CheckedTraining,
): TrainingPlan {
  return schedule === 'short' ? proxy : { ...proxy, epochs: MANY_EPOCHS, maxSteps: longSteps };
}

function keyOf(training: CheckedTraining | undefined): string {
  return training === undefined ? '' : `${training.schedule}/${training.network}/${training.repeat}`;
}
