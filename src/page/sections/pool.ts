import type { PoolView } from '../../report/view/view.js';
import { h, replace, sized } from '../dom.js';
import { duration, percent } from '../format.js';
import { toTrial } from '../routes.js';
import { tile, tiles, type SectionKind } from '../section.js';

/** Which worker trains what, the time left, and which job holds the timing lock. */
export const poolSection: SectionKind = {
  id: 'pool',
  title: 'Pool',
  empty: ({ pool }) => (pool === null ? 'Nothing works on this study now.' : null),
  make({ study }) {
    const numbers = h('div');
    const workers = h('ul', { class: 'workers' });
    return {
      element: h('div', { class: 'stack' }, numbers, workers),
      update({ pool, asOf }) {
        if (pool === null) return;
        replace(
          numbers,
          tiles(
            tile('Phase', pool.phase, `process ${pool.pid}`),
            tile(
              'Time left',
              duration(pool.secondsLeft),
              pool.trialsLeft === null ? null : `${pool.trialsLeft} trials left`,
            ),
            tile(
              'Timing lock',
              typeof pool.timingLock === 'number' ? `trial ${pool.timingLock}` : (pool.timingLock ?? 'free'),
              pool.timingLock === null ? 'all may train' : 'measured; nothing trains',
            ),
            tile('Last heard', `${duration(Math.max(0, (asOf - pool.at) / 1000))} ago`),
          ),
        );
        replace(
          workers,
          pool.workers.length === 0
            ? h('li', { class: 'empty' }, 'No worker has a trial.')
            : pool.workers.map((worker, index) =>
                workerCard(study, worker, index, worker.trial === pool.timingLock),
              ),
        );
      },
    };
  },
};

function workerCard(
  study: string,
  worker: PoolView['workers'][number],
  index: number,
  timingLock: boolean,
): HTMLElement {
  const { trial, doing, done, secondsLeft } = worker;
  return h(
    'li',
    { class: 'card' },
    h('span', { class: 'name' }, `worker ${index + 1}`),
    h('a', { href: toTrial(study, trial), 'data-key': `worker-${index}` }, `trial ${trial}`),
    h(
      'span',
      { class: `chip ${timingLock ? 'locked' : doing}` },
      timingLock ? `${doing}, holds the lock` : doing,
    ),
    h(
      'span',
      {
        class: 'bar',
        role: 'progressbar',
        'aria-label': `trial ${trial}`,
        'aria-valuemin': 0,
        'aria-valuemax': 100,
        'aria-valuenow': done === null ? undefined : Math.round(100 * done),
      },
      sized(h('i'), 'width', done ?? 0),
    ),
    h('span', { class: 'number' }, done === null ? '' : percent(done)),
    h('span', { class: 'number' }, secondsLeft === null ? '' : `${duration(secondsLeft)} left`),
  );
}
