/**
 * Worker that all tabs of a browser share: holds the one event stream, since a browser opens six connections to a server
 * at most, and one for each tab would soon use them up.
 */
import { followEvents } from './event-stream.js';
import type { FromWorker, ToWorker } from './shared-messages.js';

const tabs = new Map<MessagePort, string | null>();
let there: boolean | null = null;

const say = (message: FromWorker): void => {
  for (const port of tabs.keys()) port.postMessage(message);
};

addEventListener('connect', (event: Event) => {
  const [port] = (event as MessageEvent).ports;
  if (port === undefined) return;
  port.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    if (data.kind === 'gone') tabs.delete(port);
    else {
      tabs.set(port, data.token);
      if (there !== null) port.postMessage({ kind: 'connected', there } satisfies FromWorker);
    }
  };
});

void followEvents(
  (tries) => {
    // A tab may hold a wrong token: then that of another is tried.
    const tokens = [...new Set([...tabs.values()].filter((token) => token !== null))].reverse();
    return tokens[tries % Math.max(1, tokens.length)] ?? null;
  },
  {
    changed: (studies) => say({ kind: 'changed', studies }),
    connected(now) {
      there = now;
      say({ kind: 'connected', there: now });
    },
  },
);
