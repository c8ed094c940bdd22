import { parseQueueUrl, type QueueAddress } from '../../queue/index.js';

/**
 * The queue at a URL, with the password of the environment where it has none, which then need not stand in a command.
 * @throws NasError `NAS_QUEUE_URL`
 */
export function queueAddress(url: string): QueueAddress {
  return parseQueueUrl(url, process.env['NAS_QUEUE_PASSWORD']);
}
