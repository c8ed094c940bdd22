import type { Problem, StudyCard, StudyPart } from '../report/view/page-api.js';
import type { Points, StudyView, TrialView } from '../report/view/view.js';
import { listenToEvents } from './shared-events.js';
import { Refusal, type Source } from './source.js';
import { heldToken } from './token.js';

/** Data from the server that the page came from; nothing else is asked. */
export function serverSource(): Source {
  const known = new Map<string, StudyView>();

  async function ask(path: string): Promise<Response> {
    const token = heldToken();
    const response = await fetch(path, {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      cache: 'no-store',
    });
    if (response.ok) return response;
    throw new Refusal(response.status, (await response.json()) as Problem);
  }

  const json = async <T>(path: string): Promise<T> => (await (await ask(path)).json()) as T;
  const of = (study: string): string => `api/studies/${encodeURIComponent(study)}`;

  return {
    report: null,
    studies: () => json<readonly StudyCard[]>('api/studies'),
    async study(name) {
      const before = known.get(name);
      const query =
        before === undefined ? '' : `?from=${settled(before.points)}&created=${before.head.createdAt}`;
      try {
        const { from, view } = await json<StudyPart>(`${of(name)}${query}`);
        const whole =
          before === undefined || from === 0
            ? view
            : { ...view, points: joined(before.points, from, view.points) };
        known.set(name, whole);
        return whole;
      } catch (error) {
        if (error instanceof Refusal) known.delete(name);
        throw error;
      }
    },
    trial: (study, trial) => json<TrialView>(`${of(study)}/trials/${trial}`),
    matching: (study, where) =>
      json<readonly number[]>(`${of(study)}/trials?columns=trial&where=${encodeURIComponent(where)}`),
    watch: (changed, connected) => listenToEvents({ changed, connected }),
  };
}

/** Up to which index trials can no longer change. */
function settled(points: Points): number {
  const first = points.state.indexOf('running');
  return first === -1 ? points.trial.length : first;
}

function joined(before: Points, from: number, more: Points): Points {
  const keys = Object.keys(more) as (keyof Points)[];
  return Object.fromEntries(
    keys.map((key) => [key, [...before[key].slice(0, from), ...more[key]]]),
  ) as unknown as Points;
}
