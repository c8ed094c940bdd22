import type { LineageView, StudyView } from '../../report/view/view.js';
import { KIND_NAMES, percent, time } from '../format.js';
import type { Draw } from './chart.js';
import { frontierSpots } from './frontier.js';
import { axis, base, gridBelow, hover, legend, shareAxis, verticals, ZOOMS } from './parts.js';

/** The way from a network to the smaller ones made of it. */
export function drawLineage({ members }: LineageView): Draw {
  const spots = members.flatMap(({ latencyMs, accuracy, kind }, index) =>
    latencyMs === null || accuracy === null ? [] : [{ kind, spot: [latencyMs, accuracy, index] }],
  );
  const path = spots.filter(({ kind }) => kind === 'sample' || kind === 'netadapt').map(({ spot }) => spot);
  const retrained = spots.filter(({ kind }) => kind === 'retrain').map(({ spot }) => spot);
  return (colours) =>
    base(colours, {
      legend: legend(colours),
      grid: gridBelow(62),
      tooltip: hover(colours, (data) => {
        const member = members[Array.isArray(data) ? Number(data[2]) : -1];
        if (member === undefined) return null;
        return [
          ['trial', `${member.trial} (${KIND_NAMES[member.kind]})`],
          ['accuracy', percent(member.accuracy)],
          ['latency', time(member.latencyMs)],
        ];
      }),
      xAxis: axis(colours, 'latency (ms)'),
      yAxis: shareAxis(colours, 'accuracy'),
      series: [
        {
          type: 'line',
          name: 'shrinking (held-out accuracy)',
          data: path,
          symbol: 'diamond',
          symbolSize: 10,
          lineStyle: { color: colours.step, width: 2 },
          itemStyle: { color: colours.step },
        },
        {
          type: 'scatter',
          name: 'retrained (test accuracy)',
          data: retrained,
          symbol: 'triangle',
          symbolSize: 12,
          itemStyle: { color: colours.retrain },
        },
      ],
    });
}

/** Frontiers of two studies in one picture. */
export function drawOverlay(views: readonly StudyView[]): Draw {
  return (colours) =>
    base(colours, {
      legend: legend(colours),
      grid: gridBelow(62),
      tooltip: hover(colours, (data) => {
        if (!Array.isArray(data)) return null;
        const view = views[Number(data[3])];
        const [latency, accuracy, index] = data.map(Number);
        if (view === undefined) return null;
        return [
          ['study', view.head.name],
          ['trial', String(view.points.trial[index ?? -1])],
          ['accuracy', percent(accuracy ?? null)],
          ['latency', time(latency ?? null)],
        ];
      }),
      xAxis: axis(colours, 'latency (ms)'),
      yAxis: shareAxis(colours, 'accuracy'),
      dataZoom: ZOOMS,
      series: views.map((view, which) => {
        const colour = (which === 0 ? colours.accent : colours.front) || colours.text;
        return {
          type: 'line',
          name: view.head.name,
          step: 'end',
          data: frontierSpots(view).map((spot) => [...spot, which]),
          symbol: which === 0 ? 'circle' : 'diamond',
          symbolSize: which === 0 ? 9 : 11,
          lineStyle: { color: colour, width: 2, type: which === 0 ? 'solid' : 'dashed' },
          itemStyle: { color: colour },
          // One line where both have the same target.
          markLine: verticals(
            colours.target,
            (which > 0 && targetOf(view) === targetOf(views[0]) ? [] : view.head.targets.slice(0, 1)).map(
              ({ targetMs }) => ({ at: targetMs, name: `${targetMs} ms` }),
            ),
          ),
        };
      }),
    });
}

function targetOf(view: StudyView | undefined): number | undefined {
  return view?.head.targets[0]?.targetMs;
}
