import { formatMs, formatPercent, ms, ratio } from '../../../core/index.js';
import { line, type Style } from '../style.js';
import { table, type Column } from './table.js';

interface Schedules {
  readonly short: number;
  readonly long: number;
}

interface Trained {
  readonly accuracy: number;
  readonly loss: number;
}

/** A network with the means over its trainings, on the held-out pictures. */
interface CheckedNetwork {
  readonly text: string;
  readonly madds: number;
  readonly latencyMs: number;
  readonly short: Trained;
  readonly long: Trained;
}

/** Whether the short training of a search ranks networks as a long one does; accuracies as shares. */
export interface ProxyCheckView {
  readonly networks: readonly CheckedNetwork[];
  /** Trainings of each network by each schedule. */
  readonly repeats: number;
  /** null: as many as the study's epochs have. */
  readonly shortSteps: number | null;
  readonly longSteps: number;
  /** Kendall's τ-b between the losses of single short trainings and the mean losses of the long ones, with its 95 % interval. */
  readonly tau: number;
  readonly low: number;
  readonly high: number;
  /** What the network that a short training puts first lacks of the best one after the long trainings; mean over repeats. */
  readonly regret: number;
  /** Standard deviation of accuracy over trainings of one network, NaN where each was trained once, and over networks. */
  readonly noise: Schedules;
  readonly spread: Schedules;
  readonly verdict: 'well' | 'roughly' | 'hardly';
}

const VERDICTS: Readonly<Record<ProxyCheckView['verdict'], string>> = {
  well: 'the short training ranks networks well',
  roughly: 'the short training ranks networks roughly: compare several finalists by a longer one',
  hardly:
    'the short training hardly ranks networks: raise --steps or --epochs, or search fewer candidates for longer',
};

/** `nas proxy-check`: each network by both schedules, and how well their orders agree. */
export function proxyCheckTable(check: ProxyCheckView, style: Style): string {
  const { networks, repeats, shortSteps, longSteps, tau, low, high, regret, noise, spread, verdict } = check;
  const places = (of: (network: CheckedNetwork) => number) => {
    const sorted = networks.toSorted((a, b) => of(a) - of(b));
    return new Map(sorted.map((network, i) => [network, i + 1]));
  };
  const shortPlaces = places(({ short }) => short.loss);
  const longPlaces = places(({ long }) => long.loss);
  const columns: readonly Column<CheckedNetwork>[] = [
    { title: 'place', value: (one) => longPlaces.get(one) ?? 0, align: 'right' },
    { title: 'by short', value: (one) => shortPlaces.get(one) ?? 0, align: 'right' },
    { title: 'short', value: ({ short }) => formatPercent(ratio(short.accuracy)), align: 'right' },
    { title: 'loss', value: ({ short }) => short.loss.toFixed(3), align: 'right' },
    { title: 'long', value: ({ long }) => formatPercent(ratio(long.accuracy)), align: 'right' },
    { title: 'loss', value: ({ long }) => long.loss.toFixed(3), align: 'right' },
    { title: 'latency', value: ({ latencyMs }) => formatMs(ms(latencyMs)), align: 'right' },
    { title: 'network', value: ({ text }) => text, shrinksTo: 16, optional: 1 },
  ];
  const sorted = networks.toSorted((a, b) => a.long.loss - b.long.loss);
  const steps = `${shortSteps === null ? 'the short schedule' : `${shortSteps} steps`} against ${longSteps}`;
  const times = repeats === 1 ? 'once' : `${repeats} times`;
  return [
    line([[`${networks.length} networks`, 'title'], `, ${steps}, each ${times}`], style),
    '',
    table(sorted, columns, style),
    '',
    `Kendall's τ of one short training  ${tau.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`,
    `its first choice lacks             ${points(regret)} of the best`,
    `accuracy varies over seeds by      ${deviations(noise)}`,
    `and over networks by               ${deviations(spread)}`,
    line([[VERDICTS[verdict], verdict === 'well' ? 'good' : 'warm']], style),
  ].join('\n');
}

function deviations({ short, long }: Schedules): string {
  return Number.isNaN(short) ? 'unknown: one seed' : `${points(short)} (short), ${points(long)} (long)`;
}

function points(share: number): string {
  return `${(100 * share).toFixed(2)} points`;
}
