import { fork } from 'node:child_process';
import { tensorflowEnvironment } from '../../backends/index.js';
import { entryFile, NasError } from '../../core/index.js';
import { endWithUs } from '../../process/index.js';
import { defaultWorkers } from '../study/defaults.js';
import { latencyAnswerSchema, type LatencyEnd, type LatencyJob, type LatencyProgress } from './job.js';

export interface LatencyOptions {
  /** Aborted by Ctrl-C: the job ends soon, without the current session, and can be resumed. */
  readonly signal: AbortSignal;
  listen(progress: LatencyProgress): void;
}

/**
 * Runs a job in a separate process, with TensorFlow's settings as an evaluator host has them.
 * @throws NasError what the platform or the table's file finds; `NAS_LATENCY_PROCESS` when the process ends unasked
 */
export async function runLatencyJob(
  job: LatencyJob,
  { signal, listen }: LatencyOptions,
): Promise<LatencyEnd> {
  const { flavour, threads } = job;
  const own = tensorflowEnvironment({
    ...{ flavour, threads, atOnce: defaultWorkers(), deterministic: false },
    ...{ directory: job.tensorflow, outer: process.env },
  });
  const child = fork(entryFile(import.meta.url, 'child'), [], {
    env: { ...process.env, ...own },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  endWithUs(child);
  let words = '';
  child.stderr?.on('data', (text: Buffer) => (words = (words + text.toString()).slice(-2000)));
  const stop = (): void => void (child.connected && child.send('stop', () => undefined));
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise<LatencyEnd>((resolve, reject) => {
      child.on('message', (raw) => {
        const answer = latencyAnswerSchema.parse(raw);
        if (answer.kind === 'progress') listen(answer);
        else if (answer.kind === 'end') resolve(answer);
        else if (answer.kind === 'bug') reject(new Error(answer.message));
        else {
          const { code, found, expected, fix } = answer;
          reject(
            new NasError({
              code,
              found,
              ...(expected === undefined ? {} : { expected }),
              ...(fix === undefined ? {} : { fix }),
            }),
          );
        }
      });
      child.once('error', (error) => reject(ended(error.message)));
      child.once('exit', (code, name) => {
        const last = words.trim().split('\n').at(-1) ?? '';
        reject(ended(`${name ?? code ?? 'unknown'} ${last}`.trim()));
      });
      child.send(job, () => undefined);
      if (signal.aborted) stop();
    });
  } finally {
    signal.removeEventListener('abort', stop);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
}

function ended(reason: string): NasError {
  return new NasError({
    code: 'NAS_LATENCY_PROCESS',
    found: `the process that times ended unasked: ${reason}`,
    fix: 'run the same command again to resume; nas doctor shows whether the platform works',
  });
}
