import { createRng, mean, quantile, standardDeviation } from '../../core/index.js';
import { kendall, type ProxyCheckView } from '../../report/index.js';
import { heldOutLoss, type TrialReader } from '../../trials/index.js';
import { SCHEDULES, settingsOf, trainingOf, type Schedule } from './settings.js';

/** Held-out results of the trainings of one network by one schedule, by repeat. */
interface Trained {
  readonly accuracies: readonly number[];
  readonly losses: readonly number[];
}

/** Samples of the bootstrap over networks. */
const SAMPLES = 1000;
/** Kendall's τ from which one order is taken to follow the other well, and roughly. */
const WELL = 0.6;
const ROUGHLY = 0.3;
/** Fewer say nothing of an order. */
export const LEAST_NETWORKS = 4;

/**
 * How well a single short training ranks networks as the mean of the long ones does, of the networks of which all trainings are
 * done. Undefined while those are fewer than four.
 */
export function proxyCheckOf(reader: TrialReader, shortSteps: number | null): ProxyCheckView | undefined {
  const settings = settingsOf(reader);
  if (settings === undefined) return undefined;
  const { repeats, longSteps } = settings;
  const trained = trainingsOf(reader);
  const networks = settings.networks.flatMap(({ text, madds, latency }, network) => {
    const short = trained.get(`short/${network}`);
    const long = trained.get(`long/${network}`);
    const isWhole = [short, long].every((one) => one?.losses.length === repeats);
    return isWhole && short !== undefined && long !== undefined
      ? [{ text, madds, latencyMs: Number(latency.medianMs), short, long }]
      : [];
  });
  if (networks.length < LEAST_NETWORKS) return undefined;
  const orderOf = (which: readonly (typeof networks)[number][]): number => {
    const orders = Array.from({ length: repeats }, (_, repeat) =>
      kendall(which.map(({ short, long }) => [short.losses[repeat] ?? 0, mean(long.losses)])),
    );
    return mean(orders.map((order) => (Number.isFinite(order) ? order : 0)));
  };
  const rng = createRng(reader.study.seed).fork('proxy-check/bootstrap');
  const samples = Array.from({ length: SAMPLES }, () =>
    orderOf(Array.from(networks, () => rng.pick(networks))),
  );
  const tau = orderOf(networks);
  const best = Math.max(...networks.map(({ long }) => mean(long.accuracies)));
  const regrets = Array.from({ length: repeats }, (_, repeat) => {
    const [chosen] = networks.toSorted(
      (a, b) => (a.short.losses[repeat] ?? 0) - (b.short.losses[repeat] ?? 0),
    );
    return best - mean(chosen?.long.accuracies ?? [best]);
  });
  const bySchedule = (of: (schedule: Schedule) => number) => ({ short: of('short'), long: of('long') });
  return {
    networks: networks.map(({ short, long, ...about }) => ({
      ...about,
      short: { accuracy: mean(short.accuracies), loss: mean(short.losses) },
      long: { accuracy: mean(long.accuracies), loss: mean(long.losses) },
    })),
    ...{ repeats, shortSteps, longSteps, tau },
    ...{ low: quantile(samples, 0.025), high: quantile(samples, 0.975), regret: mean(regrets) },
    noise: bySchedule((schedule) =>
      repeats < 2
        ? Number.NaN
        : Math.sqrt(mean(networks.map((one) => standardDeviation(one[schedule].accuracies) ** 2))),
    ),
    spread: bySchedule((schedule) =>
      standardDeviation(networks.map((one) => mean(one[schedule].accuracies))),
    ),
    verdict: tau >= WELL ? 'well' : tau >= ROUGHLY ? 'roughly' : 'hardly',
  };
}

/** By `schedule/network`. */
function trainingsOf(reader: TrialReader): ReadonlyMap<string, Trained> {
  const found = new Map<string, Trained>(
    SCHEDULES.map((schedule) => [schedule, { accuracies: [], losses: [] }]),
  );
  for (const { note, outcome } of reader.trials({ kinds: ['sample'], states: ['done'] })) {
    const training = trainingOf(note);
    const loss = outcome === null ? null : heldOutLoss(outcome);
    if (training === undefined || outcome?.state !== 'done' || loss === null) continue;
    const key = `${training.schedule}/${training.network}`;
    const { accuracies, losses } = found.get(key) ?? { accuracies: [], losses: [] };
    found.set(key, { accuracies: [...accuracies, outcome.accuracy], losses: [...losses, loss] });
  }
  return found;
}
