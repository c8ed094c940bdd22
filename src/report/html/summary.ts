import { formatCount, formatMs, formatPercent } from '../../core/index.js';
import { htmlText } from './escape.js';
import { scalingText } from '../view/scaling.js';
import type { ChoiceImportance, Points, StudyHead, StudyView } from '../view/view.js';

/** Choices described in words; the page shows all. */
const MOST_EFFECTS = 12;

/**
 * What the page of a report shows before its script runs, and where none may run: head, best, frontier with what is
 * indistinguishable, choices that matter, settings and environment, as plain HTML.
 */
export function htmlSummary(view: StudyView): string {
  const { head, asOf, counts, hypervolume } = view;
  const states = Object.entries(counts).flatMap(([state, count]) => (count > 0 ? [`${count} ${state}`] : []));
  return [
    `<h1>${htmlText(head.name)}</h1>`,
    definitions([
      ['data', head.data],
      ['space', head.space],
      ['strategy', head.strategy],
      ['targets', targetsOf(head)],
      ['begun', new Date(head.createdAt).toISOString()],
      ['as of', new Date(asOf).toISOString()],
      ...(view.result === null ? [] : [['result', resultOf(view)] as const]),
      ...(view.scaling === null ? [] : [['over scaling', scalingText(view.scaling)] as const]),
      ['best of the search (proxy)', bestOf(view)],
      ['trials', states.length === 0 ? 'none' : states.join(', ')],
      ...(hypervolume === null ? [] : [['hypervolume', hypervolume.share.toFixed(4)] as const]),
    ]),
    '<h2>Frontier</h2>',
    frontierTable(view),
    ...(view.choiceImportance.length === 0
      ? []
      : ['<h2>Choices that matter</h2>', importanceTable(view.choiceImportance)]),
    '<h2>Settings</h2>',
    definitions([['seed', head.seed], ...head.settings]),
    '<h2>Environment</h2>',
    definitions(head.environment),
  ].join('\n');
}

function targetsOf({ targets }: StudyHead): string {
  return targets.map(({ platform, targetMs }) => `${formatMs(targetMs)} on ${platform}`).join(', ');
}

function resultOf({ result, points }: StudyView): string {
  const at = result === null ? -1 : points.trial.indexOf(result.trial);
  if (result === null || at < 0) return 'none';
  const latency = `${latencyOf(points, at)} (${intervalOf(points, at)})`;
  const meets = result.meets ? 'meets the target' : 'misses the target';
  return `trial ${result.trial}: ${accuracyOf(points, at)} on the test set at ${latency}, ${meets}`;
}

function bestOf({ best, points }: StudyView): string {
  const at = best === null ? -1 : points.trial.indexOf(best);
  if (at < 0) return 'no trial keeps within all targets';
  return `trial ${best}: ${accuracyOf(points, at)} on held-out pictures at ${latencyOf(points, at)}`;
}

function frontierTable({ points, frontier, indistinguishable }: StudyView): string {
  if (frontier.length === 0) return '<p>No trial is trained and timed yet.</p>';
  const places = new Map(points.trial.map((trial, at) => [trial, at]));
  const rows = frontier.flatMap((trial) => {
    const at = places.get(trial);
    if (at === undefined) return [];
    const others = indistinguishable.flatMap(([a, b]) => (a === trial ? [b] : b === trial ? [a] : []));
    return [
      [
        String(trial),
        points.kind[at] ?? '',
        accuracyOf(points, at),
        latencyOf(points, at),
        intervalOf(points, at),
        formatCount(points.params[at] ?? 0),
        others.length === 0 ? 'none: all others differ' : `trial ${others.join(', ')}`,
      ],
    ];
  });
  return htmlTable(
    ['trial', 'kind', 'accuracy', 'latency', '95 % interval', 'parameters', 'latency indistinguishable from'],
    rows,
  );
}

function importanceTable(choiceImportance: readonly ChoiceImportance[]): string {
  const measurable = choiceImportance.filter(({ standing }) => standing === 'measurable');
  if (measurable.length === 0) return '<p>No choice has an effect beyond chance.</p>';
  const rows = measurable.slice(0, MOST_EFFECTS).map(({ choice, importance, options }) => {
    const texts = options
      .filter(({ trials }) => trials > 0)
      .map(({ option, accuracy, trials }) => `${option}: ${formatPercent(accuracy ?? 0)} (${trials})`);
    return [choice, formatPercent(importance), texts.join(', ')];
  });
  return htmlTable(['choice', 'variance of accuracy explained', 'mean accuracy by option (trials)'], rows);
}

function accuracyOf({ accuracy }: Points, at: number): string {
  const value = accuracy[at] ?? null;
  return value === null ? '' : formatPercent(value);
}

function latencyOf({ latencyMs, source }: Points, at: number): string {
  const value = latencyMs[at] ?? null;
  if (value === null) return '';
  const from = source[at] ?? 'measured';
  return `${value.toPrecision(4)} ms${from === 'measured' ? '' : ` (${from})`}`;
}

function intervalOf({ latencyLowMs, latencyHighMs }: Points, at: number): string {
  const [low, high] = [latencyLowMs[at] ?? null, latencyHighMs[at] ?? null];
  return low === null || high === null ? '' : `${low.toPrecision(4)}–${high.toPrecision(4)} ms`;
}

function definitions(pairs: readonly (readonly [string, string])[]): string {
  return htmlTable(
    null,
    pairs.map(([name, value]) => [name, value]),
  );
}

function htmlTable(titles: readonly string[] | null, rows: readonly (readonly string[])[]): string {
  const head =
    titles === null
      ? ''
      : `<thead><tr>${titles.map((title) => `<th scope="col">${htmlText(title)}</th>`).join('')}</tr></thead>\n`;
  const body = rows.map(([first = '', ...rest]) => {
    const cells = rest.map((cell) => `<td>${htmlText(cell)}</td>`).join('');
    return `<tr><th scope="row">${htmlText(first)}</th>${cells}</tr>`;
  });
  return `<table>\n${head}<tbody>\n${body.join('\n')}\n</tbody>\n</table>`;
}
