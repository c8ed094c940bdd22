import { canonical } from '../../core/index.js';
import type { Job } from '../../trials/index.js';
import type { TaskResult } from '../wire/messages.js';

/**
 * What is wrong with an outcome that a worker sent, beyond its form: a worker may be damaged or hostile. Null where
 * nothing is.
 * @param devices digests of the devices that the study's latencies are of, first platform first
 */
export function resultProblem(
  job: Job,
  { outcome, weights }: Extract<TaskResult, { kind: 'outcome' }>,
  devices: readonly string[],
): string | null {
  const { latency } = outcome;
  if (latency !== null) {
    const of = [latency, ...(latency.also ?? [])].map(({ fingerprint }) => fingerprint);
    // A latency that the job brought along may be of a table or of an earlier session.
    if (job.latency == null && of.join() !== devices.join())
      return 'it timed on another device than the study is timed on';
    if (job.latency != null && canonical(latency) !== canonical(job.latency))
      return 'it sent another latency than the one that it was given';
  }
  if (outcome.state !== 'done') return null;
  if (outcome.checkpoint !== job.checkpoint) return 'it names another file for the weights';
  if (job.checkpoint !== null && weights === null) return 'it sent no weights';
  return null;
}
