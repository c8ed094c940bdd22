import { followEvents, type StreamListener } from './event-stream.js';
import { WORKER_SCRIPT, type FromWorker, type ToWorker } from './shared-messages.js';
import { heldToken, whenTokenKept } from './token.js';

/** Listens to the event stream that all tabs share; without shared workers in the browser, to a separate one. */
export function listenToEvents(listener: StreamListener): void {
  const port = sharedPort();
  if (port === null) {
    void followEvents(heldToken, listener);
    return;
  }
  port.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind === 'connected') listener.connected(data.there);
    else listener.changed(data.studies);
  };
  const say = (message: ToWorker): void => port.postMessage(message);
  const here = (): void => say({ kind: 'here', token: heldToken() });
  here();
  whenTokenKept(here);
  window.addEventListener('pagehide', () => say({ kind: 'gone' }));
  // A page that the browser kept and shows again.
  window.addEventListener('pageshow', ({ persisted }) => persisted && here());
}

function sharedPort(): MessagePort | null {
  try {
    return typeof SharedWorker === 'undefined' ? null : new SharedWorker(WORKER_SCRIPT, 'nas-events').port;
  } catch {
    return null;
  }
}
