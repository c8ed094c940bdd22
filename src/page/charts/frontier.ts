import type { Points, StudyView } from '../../report/view/view.js';
import { KIND_NAMES, percent, withInterval } from '../format.js';
import type { Draw } from './chart.js';
import { axis, base, gridBelow, hover, intervals, legend, shareAxis, verticals, ZOOMS } from './parts.js';

/** From this number of points they are drawn as one shape. */
const MANY = 2000;
/** With more, only the frontier's intervals are drawn. */
const MOST_INTERVALS = 150;

type Spot = readonly [latencyMs: number, accuracy: number, index: number];

/** Places in {@link Points} of trials with both an accuracy and a latency. */
export function placed(points: Points, kind?: Points['kind'][number]): Spot[] {
  const spots: Spot[] = [];
  for (let index = 0; index < points.trial.length; index++) {
    const [latency, accuracy] = [points.latencyMs[index] ?? null, points.accuracy[index] ?? null];
    if (latency === null || accuracy === null) continue;
    if (kind !== undefined && points.kind[index] !== kind) continue;
    spots.push([latency, accuracy, index]);
  }
  return spots;
}

/** The frontier's places, by latency. */
export function frontierSpots(view: StudyView): Spot[] {
  const places = new Map(view.points.trial.map((trial, index) => [trial, index]));
  return view.frontier.flatMap((trial): Spot[] => {
    const index = places.get(trial);
    const [latency, accuracy] = [view.points.latencyMs[index ?? -1], view.points.accuracy[index ?? -1]];
    return index === undefined || latency == null || accuracy == null ? [] : [[latency, accuracy, index]];
  });
}

/** Accuracy against latency: all trials, the joined front, its intervals, the targets. */
export function drawFrontier(view: StudyView): Draw {
  const { points, head } = view;
  const front = frontierSpots(view);
  const all = placed(points);
  const best = front.filter(([, , index]) => points.trial[index] === view.best);
  const spread = (spots: readonly Spot[]): number[][] =>
    spots.map(([x, y, index]) => [x, y, points.latencyLowMs[index] ?? x, points.latencyHighMs[index] ?? x]);
  return (colours) => {
    const dots = (
      name: string,
      data: readonly Spot[],
      colour: string,
      symbol: string,
      symbolSize: number,
    ) => ({
      type: 'scatter',
      name,
      data,
      symbol,
      symbolSize,
      large: data.length > MANY,
      largeThreshold: MANY,
      progressive: 20_000,
      itemStyle: { color: colour, opacity: data.length > MANY ? 0.45 : 0.8 },
    });
    const kinds = (
      [
        ['sample', colours.sample, 'circle', 8],
        ['netadapt', colours.step, 'diamond', 11],
        ['proposal', colours.muted, 'circle', 5],
        ['retrain', colours.retrain, 'triangle', 11],
      ] as const
    )
      .map(([kind, colour, symbol, size]) => {
        const data = placed(points, kind);
        return dots(KIND_NAMES[kind], data, colour, symbol, data.length > MANY ? 4 : size);
      })
      .filter(({ data }) => data.length > 0);
    return base(colours, {
      legend: legend(colours),
      tooltip: hover(colours, (data) => spotRows(points, data)),
      grid: gridBelow(62),
      xAxis: axis(colours, `latency (ms) on ${platformOf(view)}`, { format: (value) => String(value) }),
      yAxis: shareAxis(colours, 'accuracy'),
      dataZoom: ZOOMS,
      series: [
        intervals(colours.muted, 'x', spread(all.length <= MOST_INTERVALS ? all : []), 0.35),
        intervals(colours.front, 'x', spread(front)),
        ...kinds,
        {
          type: 'line',
          name: 'frontier',
          step: 'end',
          data: front,
          symbol: 'circle',
          symbolSize: 9,
          z: 5,
          lineStyle: { color: colours.front, width: 2 },
          itemStyle: { color: colours.front },
          markLine: verticals(
            colours.target,
            head.targets.slice(0, 1).map(({ targetMs }) => ({ at: targetMs, name: `target ${targetMs} ms` })),
          ),
        },
        {
          type: 'scatter',
          name: 'best within target',
          data: best,
          symbol: 'circle',
          symbolSize: 19,
          z: 4,
          itemStyle: { color: 'transparent', borderColor: colours.front, borderWidth: 2.5 },
        },
      ],
    });
  };
}

export function platformOf(view: StudyView): string {
  return view.head.targets[0]?.platform ?? 'its device';
}

/** What is known of the trial under the pointer. */
export function spotRows(points: Points, data: unknown): readonly (readonly [string, string])[] | null {
  const index = indexOf(data);
  const [trial, kind] = [points.trial[index], points.kind[index]];
  if (trial === undefined || kind === undefined) return null;
  const low = points.latencyLowMs[index] ?? null;
  return [
    ['trial', `${trial} (${KIND_NAMES[kind]})`],
    ['accuracy', percent(points.accuracy[index] ?? null)],
    [
      points.source[index] ?? 'latency',
      withInterval(points.latencyMs[index] ?? null, low, points.latencyHighMs[index] ?? null),
    ],
  ];
}

/** The place in {@link Points} that a drawn point stands for. */
export function indexOf(data: unknown): number {
  return Array.isArray(data) ? Number(data[2]) : -1;
}
