import { h, replace } from '../dom.js';
import { moment } from '../format.js';
import { facts, type SectionKind } from '../section.js';

/** How the study was made, and where it ran. */
export const settingsSection: SectionKind = {
  id: 'settings',
  title: 'Settings and environment',
  tab: 'Settings',
  empty: () => null,
  make() {
    const element = h('div', { class: 'columns even' });
    return {
      element,
      update({ head }) {
        replace(
          element,
          h(
            'div',
            { class: 'card' },
            h('h3', {}, 'Settings'),
            facts([
              ['made', moment(head.createdAt)],
              ...head.targets.map(
                ({ platform, targetMs }) => [`target on ${platform}`, `${targetMs} ms`] as const,
              ),
              ...head.settings,
            ]),
          ),
          h(
            'div',
            { class: 'card' },
            h('h3', {}, 'Environment'),
            head.environment.length === 0
              ? h('p', { class: 'empty' }, 'Nothing was noted.')
              : facts(head.environment),
          ),
        );
      },
    };
  },
};
