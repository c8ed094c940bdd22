import { formatMs, ms } from '../../../core/index.js';
import { line, type Style } from '../style.js';
import { neutral } from '../text.js';
import { table, type Column } from './table.js';

interface Row {
  readonly strategy: string;
  readonly regret: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** What `nas bench strategies` shows; regrets in points of the final accuracy. */
export interface StrategyBenchView {
  readonly file: string;
  readonly space: string;
  /** Networks of the table, and how many of them meet the target. */
  readonly networks: number;
  readonly within: number;
  readonly targetMs: number;
  readonly trials: number;
  readonly seeds: number;
  readonly finalists: number;
  /** Final accuracy of the best network within the target, in %. */
  readonly best: number;
  /** Regret of the most accurate network by the accuracy that the search sees: of a perfect optimiser of it. */
  readonly oracle: number;
  readonly strategies: readonly Row[];
}

/** `nas bench strategies`: the regret of each strategy, in points, and that of a perfect optimiser of what a search sees. */
export function strategyBenchTable(bench: StrategyBenchView, style: Style): string {
  const { space, networks, within, targetMs, trials, seeds, finalists, best, oracle, strategies } = bench;
  const columns: readonly Column<Row>[] = [
    { title: 'strategy', value: ({ strategy }) => strategy },
    { title: 'regret', value: ({ regret }) => points(regret), align: 'right' },
    {
      title: '95 % interval',
      value: ({ low, high }) => (low === null || high === null ? null : `${points(low)} to ${points(high)}`),
      align: 'right',
    },
  ];
  return [
    line(
      [[neutral(space), 'title'], `  ${within} of ${networks} networks within ${formatMs(ms(targetMs))}`],
      style,
    ),
    `${trials} trials, ${seeds} seed${seeds === 1 ? '' : 's'}${finalists === 1 ? '' : `, the best of ${finalists} finalists`}; best final accuracy ${best.toFixed(2)} %`,
    '',
    table(strategies, columns, style),
    '',
    `a perfect optimiser of the accuracy that the search sees: ${points(oracle)}`,
  ].join('\n');
}

/** Points of accuracy. */
function points(value: number): string {
  return value.toFixed(2);
}
