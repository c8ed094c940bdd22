import { h } from '../dom.js';
import { toCompare, toStudy } from '../routes.js';
import { framed, type SectionKind } from '../section.js';
import { choicesSection } from '../sections/choices.js';
import { controllerSection } from '../sections/controller.js';
import { lineageSection } from '../sections/lineage.js';
import { frontierSection } from '../sections/frontier.js';
import { latencySection } from '../sections/latency.js';
import { poolSection } from '../sections/pool.js';
import { settingsSection } from '../sections/settings.js';
import { trialsSection } from '../sections/trials.js';
import type { Page, PageContext } from './page.js';

const SECTIONS: readonly SectionKind[] = [
  frontierSection,
  trialsSection,
  choicesSection,
  controllerSection,
  poolSection,
  latencySection,
  lineageSection,
  settingsSection,
];

/** A study: one section at a time from a server, all of them one under the other in a report. */
export function studyPage({ source }: PageContext, study: string, wanted: string): Page {
  const report = source.report !== null;
  const there = report ? SECTIONS.filter(({ id }) => id !== 'pool') : SECTIONS;
  const chosen = there.find(({ id }) => id === wanted) ?? frontierSection;
  const shown = report ? there : [chosen];
  const sections = shown.map((kind) => framed(kind, { source, study }));
  const subtitle = h('p', { class: 'note' });
  return {
    title: report ? study : `${chosen.title}, ${study}`,
    studies: [study],
    element: h(
      'div',
      { class: 'stack' },
      h('h1', { tabindex: -1 }, study),
      subtitle,
      sectionNav(study, report ? wanted : chosen.id, there, !report),
      sections.map(({ element }) => element),
    ),
    async refresh() {
      const view = await source.study(study);
      subtitle.textContent = `${view.head.space} on ${view.head.data}, strategy ${view.head.strategy}`;
      for (const section of sections) section.update(view);
    },
  };
}

/** Links to the sections of a study; the one that is shown is marked. */
export function sectionNav(
  study: string,
  current: string | null,
  sections: readonly SectionKind[] = SECTIONS,
  compare = true,
): HTMLElement {
  return h(
    'nav',
    { class: 'tabs', 'aria-label': 'Parts of this study' },
    sections.map(({ id, title, tab = title }) =>
      h('a', { href: toStudy(study, id), 'aria-current': id === current ? 'page' : undefined }, tab),
    ),
    compare ? h('a', { href: toCompare(study, '') }, 'Compare') : null,
  );
}
