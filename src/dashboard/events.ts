import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Change } from '../report/index.js';
import type { Watch } from './watch.js';

/** So often something is said, so that a connection that is gone is noticed. */
const BEAT_MS = 15_000;

/** Reports which studies were written, until the client disconnects. What a slow reader missed is sent together. */
export function changeEvents(context: Context, watch: Watch): Response {
  return streamSSE(context, async (stream) => {
    const changed = new Set<string>();
    let wake: () => void = () => undefined;
    const stop = watch.listen((studies) => {
      for (const study of studies) changed.add(study);
      wake();
    });
    stream.onAbort(() => {
      stop();
      wake();
    });
    await stream.write(': here\n\n');
    while (!stream.aborted && !stream.closed) {
      if (changed.size === 0) await sleep(BEAT_MS, (end) => (wake = end));
      const change: Change = { studies: [...changed] };
      changed.clear();
      await stream.write(change.studies.length === 0 ? ': still here\n\n' : '');
      if (change.studies.length > 0) await stream.writeSSE({ event: 'change', data: JSON.stringify(change) });
    }
    stop();
  });
}

function sleep(ms: number, early: (end: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    early(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
