import { h, replace } from './dom.js';
import { comparePage } from './pages/compare.js';
import type { Page } from './pages/page.js';
import { studiesPage } from './pages/studies.js';
import { studyPage } from './pages/study.js';
import { trialPage } from './pages/trial.js';
import { problemCard } from './problem-card.js';
import { parseRoute, toStudies, toStudy, type Route } from './routes.js';
import { problemOf, Refusal, type Source } from './source.js';
import { keepToken } from './token.js';

/** Changes that come closer together than this are shown together. */
const CALM_MS = 300;

/** Header, main part and the page that the address names; reads again what changed. */
export function start(body: HTMLElement, source: Source): void {
  const trouble = h('div', { 'aria-live': 'polite' });
  const outlet = h('div', { id: 'outlet' });
  const main = h('main', { id: 'main', tabindex: -1 }, trouble, outlet);
  const live = h('span', { class: 'live', role: 'status' });
  const crumbs = h('nav', { class: 'crumbs', 'aria-label': 'Where you are' });
  body.replaceChildren(
    h('a', { class: 'skip', href: '#main', onclick: skipTo(main) }, 'Skip to the content'),
    h('header', {}, h('div', { class: 'bar-inner' }, crumbs, live)),
    main,
  );

  let page: Page = pageFor(routeNow());
  let timer: number | null = null;
  let again = false;
  let busy = false;
  let lost = false;

  function routeNow(): Route {
    const route = parseRoute(location.hash);
    if (source.report === null || (route.page !== 'studies' && route.page !== 'compare')) return route;
    return { page: 'study', study: source.report, section: 'frontier' };
  }

  function pageFor(route: Route): Page {
    switch (route.page) {
      case 'studies':
        return studiesPage({ source });
      case 'study':
        return studyPage({ source }, route.study, route.section);
      case 'trial':
        return trialPage({ source }, route.study, route.trial);
      case 'compare':
        return comparePage({ source }, route.a, route.b);
    }
  }

  async function go(moved: boolean): Promise<void> {
    const route = routeNow();
    page = pageFor(route);
    const shown = page;
    document.title = `${page.title} · platform-nas`;
    replace(crumbs, crumbsOf(route, source));
    replace(outlet, page.element);
    await refresh();
    if (!moved || shown !== page) return;
    const section = route.page === 'study' ? route.section : '';
    const title = document.getElementById(`title-${section}`) ?? page.element.querySelector('h1');
    if (source.report !== null && section !== 'frontier') title?.scrollIntoView();
    else window.scrollTo(0, 0);
    // A reader who moved on by keyboard meanwhile keeps the place.
    if (document.activeElement === document.body) title?.focus({ preventScroll: true });
  }

  /** One at a time; what comes meanwhile is read once afterwards. */
  async function refresh(): Promise<void> {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    main.setAttribute('aria-busy', 'true');
    do {
      again = false;
      const shown = page;
      try {
        await shown.refresh();
        shown.element.hidden = false;
        replace(trouble);
      } catch (error) {
        if (shown === page) showTrouble(error);
      }
      if (shown !== page) again = true;
    } while (again);
    busy = false;
    main.removeAttribute('aria-busy');
  }

  function showTrouble(error: unknown): void {
    // What is there stays where the server only does not answer; what it refuses is not shown any more.
    page.element.hidden = error instanceof Refusal;
    const asksToken = error instanceof Refusal && error.status === 401;
    replace(trouble, asksToken ? tokenForm(() => void refresh()) : problemCard(problemOf(error)));
  }

  source.watch(
    (studies) => {
      if (page.studies !== null && !page.studies.some((name) => studies.includes(name))) return;
      timer ??= window.setTimeout(() => {
        timer = null;
        void refresh();
      }, CALM_MS);
    },
    (there) => {
      live.className = there ? 'live on' : 'live off';
      live.textContent = there ? 'live' : 'not connected';
      // What was written without a listener.
      if (there && lost) void refresh();
      lost = !there;
    },
  );
  window.addEventListener('hashchange', () => void go(true));
  void go(false);
}

function skipTo(main: HTMLElement): (event: Event) => void {
  return (event) => {
    event.preventDefault();
    main.focus();
  };
}

function crumbsOf(route: Route, source: Source): HTMLElement[] {
  const crumbs = [
    source.report === null
      ? h('a', { class: 'brand', href: toStudies(), 'data-key': 'home' }, 'platform-nas')
      : h('span', { class: 'brand' }, 'platform-nas'),
  ];
  if (route.page === 'study' || route.page === 'trial')
    crumbs.push(h('a', { href: toStudy(route.study), 'data-key': 'study' }, route.study));
  if (route.page === 'trial') crumbs.push(h('span', { 'aria-current': 'page' }, `trial ${route.trial}`));
  if (route.page === 'compare') crumbs.push(h('span', { 'aria-current': 'page' }, 'compare'));
  return crumbs;
}

/** Asks for the token where the server wants one. */
function tokenForm(retry: () => void): HTMLElement {
  const input = h('input', { type: 'password', autocomplete: 'off', 'aria-label': 'Token' });
  return h(
    'form',
    {
      class: 'card token',
      onsubmit(event) {
        event.preventDefault();
        keepToken(input.value.trim());
        retry();
      },
    },
    h('h1', {}, 'This dashboard needs its token'),
    h(
      'p',
      { class: 'note' },
      'It is in the file that nas dashboard was started with (--token-file), or in NAS_DASHBOARD_TOKEN there.',
    ),
    h('div', { class: 'filter' }, input, h('button', { type: 'submit' }, 'Open')),
  );
}
