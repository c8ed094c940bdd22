import { connectQueue, listWorkers, type LiveWorker } from '../../queue/index.js';
import { queueAddress } from './queue-address.js';

export type { LiveWorker };

/** The workers that live at a queue. Takes some seconds, for which it watches them. @throws NasError what the queue finds */
export async function liveWorkers(
  url: string,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<readonly LiveWorker[]> {
  const address = queueAddress(url);
  await using connection = await connectQueue(address, log);
  return await listWorkers(connection, signal);
}
