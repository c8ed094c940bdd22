import type { ControllerView, StudyView, TrialView } from '../../report/view/view.js';
import { decimal, percent } from '../format.js';
import type { Draw } from './chart.js';
import { axis, axisPercent, base, gridBelow, hover, legend, shareAxis } from './parts.js';

/** The best accuracy within the target over the number of finished trials. */
export function drawBestSoFar(view: StudyView): Draw {
  const finished = view.points.state.filter((state) => state !== 'running').length;
  const last = view.bestSoFar.at(-1);
  const data = [
    ...view.bestSoFar.map(([at, accuracy, trial]) => [at, accuracy, trial]),
    ...(last === undefined || last[0] === finished ? [] : [[finished, last[1], last[2]]]),
  ];
  return (colours) =>
    base(colours, {
      tooltip: hover(colours, (point) => {
        if (!Array.isArray(point)) return null;
        return [
          ['after', `${point[0]} trials`],
          ['best', percent(Number(point[1]))],
          ['trial', String(point[2])],
        ];
      }),
      xAxis: axis(colours, 'trials finished', { more: { min: 0, minInterval: 1, scale: false } }),
      yAxis: shareAxis(colours, 'accuracy'),
      series: [
        {
          type: 'line',
          step: 'end',
          data,
          symbol: 'circle',
          symbolSize: 7,
          lineStyle: { color: colours.accent, width: 2 },
          itemStyle: { color: colours.accent },
          areaStyle: { color: colours.accent, opacity: 0.08 },
        },
      ],
    });
}

interface AxisPoint {
  readonly seriesName: string;
  readonly value: readonly (number | null)[];
}

/** Rows for all lines at one place. */
function rowsAt(first: string, write: (name: string, value: number) => string) {
  return (given: unknown): readonly (readonly [string, string])[] | null => {
    const found = given as readonly AxisPoint[];
    const [at] = found;
    if (at === undefined) return null;
    return [
      [first, String(at.value[0])],
      ...found.flatMap(({ seriesName, value: [, value] }): [string, string][] =>
        value == null ? [] : [[seriesName, write(seriesName, value)]],
      ),
    ];
  };
}

/** Loss and accuracies over the steps of training. */
export function drawCurve({ curve }: TrialView): Draw {
  const by = (key: 'loss' | 'trainAccuracy' | 'accuracy'): (number | null)[][] =>
    curve.filter((point) => point[key] !== null).map((point) => [point.step, point[key]]);
  return (colours) => {
    const line = (
      name: string,
      data: (number | null)[][],
      colour: string,
      yAxisIndex: number,
      dashed = false,
    ) => ({
      type: 'line',
      name,
      data,
      yAxisIndex,
      symbol: 'circle',
      symbolSize: data.length > 60 ? 0 : 6,
      connectNulls: true,
      lineStyle: { color: colour, width: 2, type: dashed ? 'dashed' : 'solid' },
      itemStyle: { color: colour },
    });
    return base(colours, {
      legend: legend(colours),
      grid: gridBelow(62),
      tooltip: hover(
        colours,
        rowsAt('step', (name, value) => (name === 'loss' ? decimal(value) : percent(value))),
        'axis',
      ),
      xAxis: axis(colours, 'training step'),
      yAxis: [
        shareAxis(colours, 'accuracy'),
        axis(colours, 'loss', {
          side: 'y',
          more: { splitLine: { show: false } },
        }),
      ],
      series: [
        line('held-out accuracy', by('accuracy'), colours.front, 0),
        line('training accuracy', by('trainAccuracy'), colours.accent, 0),
        line('loss', by('loss'), colours.muted, 1, true),
      ],
    });
  };
}

/** Probability of each option of one choice over the trials learned from, stacked. */
export function drawProbabilities(view: ControllerView, choice: number): Draw {
  const options = view.choices[choice]?.options ?? [];
  return (colours) =>
    base(colours, {
      legend: legend(colours),
      grid: gridBelow(62),
      tooltip: hover(
        colours,
        rowsAt('trials learned from', (_, value) => percent(value)),
        'axis',
      ),
      xAxis: axis(colours, 'trials the controller has learnt from', {
        more: { boundaryGap: false, scale: true, minInterval: 1, min: 'dataMin', max: 'dataMax' },
      }),
      yAxis: axis(colours, 'probability', {
        side: 'y',
        format: axisPercent,
        more: { min: 0, max: 1, scale: false },
      }),
      series: options.map((option, index) => {
        const colour = colours.series[index % colours.series.length] ?? colours.accent;
        return {
          type: 'line',
          name: option,
          stack: 'all',
          symbol: 'none',
          data: view.reported.map((trials, moment) => [
            trials,
            view.probabilities[moment]?.[choice]?.[index] ?? 0,
          ]),
          lineStyle: { color: colour, width: 1 },
          itemStyle: { color: colour },
          areaStyle: { color: colour, opacity: 0.75 },
        };
      }),
    });
}
