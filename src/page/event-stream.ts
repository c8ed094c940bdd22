import type { Change } from '../report/view/page-api.js';
import { eventsOf } from './events.js';

const RETRY_MS = 2000;

export interface StreamListener {
  changed(studies: readonly string[]): void;
  /** The connection is there, or lost. */
  connected(there: boolean): void;
}

/**
 * Keeps one event stream of the server open for as long as the page or worker lives.
 * @param token for the `tries`-th request after the last that was refused; null for none
 */
export async function followEvents(
  token: (tries: number) => string | null,
  listener: StreamListener,
): Promise<never> {
  let refused = 0;
  for (;;) {
    try {
      const given = token(refused);
      const response = await fetch('api/events', {
        headers: given === null ? {} : { authorization: `Bearer ${given}` },
        cache: 'no-store',
      });
      if (response.status === 401) refused++;
      if (response.ok && response.body !== null) {
        listener.connected(true);
        for await (const data of eventsOf(response.body))
          listener.changed((JSON.parse(data) as Change).studies);
      }
    } catch {
      // The next request says whether it is over.
    }
    listener.connected(false);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
