import type { PredictionErrorView, LatencyView } from '../../report/view/view.js';
import { time } from '../format.js';
import type { Draw } from './chart.js';
import { axis, base, gridBelow, hover, verticals } from './parts.js';

export interface Bin {
  readonly fromMs: number;
  readonly toMs: number;
  readonly runs: number;
}

/** Bins of equal width after Freedman & Diaconis (1981), at most 60; the slowest hundredth goes into the last. */
export function binsOf(samplesMs: readonly number[]): readonly Bin[] {
  const sorted = [...samplesMs].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  if (sorted.length === 0) return [];
  const [low, high] = [at(0), sorted.length >= 100 ? at(0.99) : at(1)];
  if (high <= low) return [{ fromMs: low, toMs: low, runs: sorted.length }];
  const width = (2 * (at(0.75) - at(0.25))) / Math.cbrt(sorted.length);
  const bins = Math.max(5, Math.min(60, width > 0 ? Math.ceil((high - low) / width) : 30));
  const runs = new Array<number>(bins).fill(0);
  for (const sample of sorted) {
    const bin = Math.min(bins - 1, Math.floor(((sample - low) / (high - low)) * bins));
    runs[bin] = (runs[bin] ?? 0) + 1;
  }
  const edge = (index: number): number => low + ((high - low) * index) / bins;
  return runs.map((count, index) => ({ fromMs: edge(index), toMs: edge(index + 1), runs: count }));
}

/** How often a run took so long, with the median, its interval and the target. */
export function drawHistogram(latency: LatencyView): Draw {
  const bins = binsOf(latency.samplesMs);
  const last = bins.at(-1);
  return (colours) =>
    base(colours, {
      tooltip: hover(colours, (data) => {
        const bin = bins[Array.isArray(data) ? Number(data[2]) : -1];
        if (bin === undefined) return null;
        return [
          ['runs', String(bin.runs)],
          ['took', `${time(bin.fromMs)} to ${time(bin.toMs)}${bin === last ? ' or more' : ''}`],
        ];
      }),
      grid: gridBelow(48),
      xAxis: axis(colours, 'one run (ms)', {
        more: {
          min: ({ min }: { min: number }) => Math.min(min, latency.lowMs),
          max: ({ max }: { max: number }) => Math.max(max, latency.highMs),
          axisLabel: {
            color: colours.muted,
            hideOverlap: true,
            showMinLabel: false,
            showMaxLabel: false,
            formatter: (v: number) => String(Number(v.toPrecision(3))),
          },
        },
      }),
      yAxis: axis(colours, 'runs', { side: 'y', more: { min: 0, scale: false, minInterval: 1 } }),
      series: [
        {
          type: 'custom',
          data: bins.map((bin, index) => [
            (bin.fromMs + bin.toMs) / 2,
            bin.runs,
            index,
            bin.fromMs,
            bin.toMs,
          ]),
          encode: { x: [3, 4], y: 1 },
          renderItem: (_: unknown, api: BinApi) => {
            const [left, top] = api.coord([api.value(3), api.value(1)]);
            const [right, bottom] = api.coord([api.value(4), 0]);
            return {
              type: 'rect',
              shape: { x: left + 0.5, y: top, width: Math.max(1, right - left - 1), height: bottom - top },
              style: { fill: colours.sample },
              emphasis: { style: { fill: colours.accent } },
            };
          },
          markArea: {
            silent: true,
            itemStyle: { color: colours.front, opacity: 0.18 },
            data: [[{ xAxis: latency.lowMs }, { xAxis: latency.highMs }]],
          },
          markLine: {
            ...verticals(
              colours.front,
              [{ at: latency.medianMs, name: `median ${time(latency.medianMs)}` }],
              4,
              'left',
            ),
          },
        },
        {
          type: 'line',
          data: [],
          markLine: verticals(
            colours.target,
            latency.targetMs === null
              ? []
              : [{ at: latency.targetMs, name: `target ${time(latency.targetMs)}` }],
            20,
          ),
        },
      ],
    });
}

interface BinApi {
  coord(point: readonly number[]): [number, number];
  value(dimension: number): number;
}

/** Measured against predicted, with the line on which both agree. */
export function drawPredictionError({ points }: PredictionErrorView): Draw {
  const all = points.flatMap(({ predictedMs, measuredMs }) => [predictedMs, measuredMs]);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  return (colours) =>
    base(colours, {
      tooltip: hover(colours, (data) => {
        const point = points[Array.isArray(data) ? Number(data[2]) : -1];
        if (point === undefined) return null;
        return [
          ['trial', String(point.trial)],
          ['predicted', time(point.predictedMs)],
          ['measured', time(point.measuredMs)],
        ];
      }),
      xAxis: axis(colours, 'predicted (ms)'),
      yAxis: axis(colours, 'measured (ms)', { side: 'y' }),
      dataZoom: [],
      series: [
        {
          type: 'scatter',
          data: points.map(({ predictedMs, measuredMs }, index) => [predictedMs, measuredMs, index]),
          symbolSize: 8,
          large: points.length > 2000,
          itemStyle: { color: colours.accent, opacity: 0.75 },
        },
        {
          type: 'line',
          silent: true,
          symbol: 'none',
          data: [
            [low, low],
            [high, high],
          ],
          lineStyle: { color: colours.muted, type: 'dashed', width: 1 },
        },
      ],
    });
}
