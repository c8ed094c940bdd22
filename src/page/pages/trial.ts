import type { TrialRow } from '../../trials/index.js';
import type { LatencyView, TrialView } from '../../report/view/view.js';
import { chart } from '../charts/chart.js';
import { drawHistogram } from '../charts/latency.js';
import { drawCurve } from '../charts/lines.js';
import { dataTable } from '../data-table.js';
import { h, replace } from '../dom.js';
import {
  count,
  counted,
  decimal,
  duration,
  interval,
  KIND_NAMES,
  moment,
  percent,
  time,
  withInterval,
} from '../format.js';
import { toStudy, toTrial } from '../routes.js';
import { card, facts, tile, tiles } from '../section.js';
import { blockDiagram } from './blocks.js';
import type { Page, PageContext } from './page.js';
import { sectionNav } from './study.js';

/** One trial: architecture, learning curves, latency, where it comes from. */
export function trialPage({ source }: PageContext, study: string, trial: number): Page {
  const body = h('div', { class: 'stack' });
  let known = '';
  return {
    title: `Trial ${trial}, ${study}`,
    studies: [study],
    element: h(
      'div',
      { class: 'stack' },
      source.report === null ? sectionNav(study, null) : null,
      h('p', { class: 'note' }, h('a', { href: toStudy(study, 'trials') }, `all trials of ${study}`)),
      h('h1', { tabindex: -1 }, `Trial ${trial}`),
      body,
    ),
    async refresh() {
      const view = await source.trial(study, trial);
      // A finished trial never changes; its children may come.
      const now = JSON.stringify(view);
      if (now === known) return;
      known = now;
      replace(body, parts(study, view));
    },
  };
}

function parts(study: string, view: TrialView): (HTMLElement | null)[] {
  const { row, latencies, curve, genome, note, environment, blocks } = view;
  return [
    h(
      'p',
      { class: 'chips' },
      h('span', { class: `chip ${row.state}` }, row.state),
      h('span', { class: 'chip' }, KIND_NAMES[row.kind]),
      row.attempts > 1 ? h('span', { class: 'chip' }, `${row.attempts} attempts`) : null,
    ),
    row.reason === null ? null : h('p', { class: 'reason' }, row.reason),
    tiles(
      tile(row.kind === 'retrain' ? 'Test accuracy' : 'Held-out accuracy', percent(row.accuracy)),
      tile(
        'Latency',
        time(row.latencyMs),
        row.latencySource === null ? null : `${row.latencySource} on ${row.platform ?? ''}`,
      ),
      tile('Reward', decimal(row.reward)),
      tile('Parameters', count(row.params)),
      tile('Multiply-adds', count(row.madds)),
      tile(
        'Took',
        duration(row.seconds),
        row.finishedAt === null ? `begun ${moment(row.createdAt)}` : moment(row.finishedAt),
      ),
    ),
    card('Architecture', blockDiagram(blocks), h('p', { class: 'text' }, row.text)),
    curve.length === 0 ? null : curveCard(view),
    ...latencies.map(latencyCard),
    lineageCard(study, view),
    h(
      'div',
      { class: 'columns even' },
      genome.length === 0 ? null : card('Choices', facts(genome)),
      card('Facts', facts([['seed', row.seed], ['checkpoint', row.checkpoint ?? 'none kept'], ...note])),
      environment.length === 0 ? null : card('Environment', facts(environment)),
    ),
  ];
}

function curveCard(view: TrialView): HTMLElement {
  const picture = chart();
  const last = view.curve.findLast((point) => point.accuracy !== null);
  picture.show(
    `Learning curve of trial ${view.row.trial}, ${counted(view.curve.length, 'point')}; held-out accuracy at the end ${percent(last?.accuracy ?? null)}`,
    drawCurve(view),
  );
  return card('Learning curve', picture.element);
}

function latencyCard(latency: LatencyView): HTMLElement {
  const { platform, source, targetMs, medianMs, lowMs, highMs, madMs, p90Ms, samplesMs, notes, fingerprint } =
    latency;
  const picture = samplesMs.length < 2 ? null : chart();
  picture?.show(
    `Latency on ${platform}: ${counted(samplesMs.length, 'run')}, median ${withInterval(medianMs, lowMs, highMs)}${targetMs === null ? '' : `, target ${time(targetMs)}`}`,
    drawHistogram(latency),
  );
  return card(
    `Latency on ${platform}`,
    tiles(
      tile('Median', time(medianMs), `${source}, 95 % interval ${interval(lowMs, highMs)}`),
      tile('Target', time(targetMs), targetMs === null ? null : medianMs <= targetMs ? 'met' : 'exceeded'),
      tile('Spread (MAD)', time(madMs)),
      tile('90th percentile', time(p90Ms)),
      tile('Runs', samplesMs.length === 0 ? 'none timed' : String(samplesMs.length)),
    ),
    picture?.element ?? null,
    ...notes.map((text) => h('p', { class: 'note' }, text)),
    h('p', { class: 'note' }, `device ${fingerprint}`),
  );
}

function lineageCard(study: string, { row, ancestors, children }: TrialView): HTMLElement | null {
  if (ancestors.length + children.length === 0) return null;
  const line = [
    ...[...ancestors].reverse().map((one) => ({ one, place: 'ancestor' })),
    { one: row, place: 'this trial' },
    ...children.map((one) => ({ one, place: 'child' })),
  ];
  return card(
    'Lineage',
    dataTable<{ readonly one: TrialRow; readonly place: string }>(
      `Ancestors and children of trial ${row.trial}`,
      [
        { title: '', value: ({ place }) => place },
        {
          title: 'trial',
          number: true,
          value: ({ one }) =>
            one.trial === row.trial
              ? String(one.trial)
              : h('a', { href: toTrial(study, one.trial) }, String(one.trial)),
        },
        { title: 'kind', wide: true, value: ({ one }) => KIND_NAMES[one.kind] },
        { title: 'state', wide: true, value: ({ one }) => one.state },
        { title: 'accuracy', number: true, value: ({ one }) => percent(one.accuracy) },
        { title: 'latency', number: true, value: ({ one }) => time(one.latencyMs) },
        { title: 'parameters', number: true, wide: true, value: ({ one }) => count(one.params) },
      ],
      line,
    ),
  );
}
