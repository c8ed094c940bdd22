import { Worker } from 'node:worker_threads';
import { entryFile } from '../../core/index.js';
import { predictorOf, type Fitted, type Predictor } from './predictor.js';

/** A measured network by its text form. */
export interface TimedNetwork {
  readonly text: string;
  readonly medianMs: number;
}

/**
 * `fitPredictor` in a separate thread, which keeps no process from ending.
 * @returns null for too few networks
 * @throws NasError `NAS_NOT_BUILT`; Error what ended the thread
 */
export async function fitAside(networks: readonly TimedNetwork[]): Promise<Predictor | null> {
  const thread = new Worker(entryFile(import.meta.url, 'fit-thread'), { workerData: networks });
  thread.unref();
  const fitted = await new Promise<Fitted | null>((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', (code) => {
      reject(new Error(`the thread ended with code ${code}`));
    });
  });
  return fitted === null ? null : predictorOf(fitted);
}
