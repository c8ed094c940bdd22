import { Worker } from 'node:worker_threads';
import { entryFile, NasError, type NasErrorParts } from '../../core/index.js';

/** What the thread answers: null, or the error that it met as plain data, since an error's code crosses no threads. */
export type CheckAnswer = NasErrorParts | null;

/**
 * `requireSound` in a thread. SQLite knows of all connections of a process, whichever thread has them; the file must not be
 * open here otherwise.
 * @throws NasError as `requireSound`, `NAS_NOT_BUILT`; Error what ended the thread
 */
export async function checkAside(path: string): Promise<void> {
  const thread = new Worker(entryFile(import.meta.url, 'check-thread'), { workerData: path });
  const answer = await new Promise<CheckAnswer>((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', (code) => {
      reject(new Error(`the thread ended with code ${code}`));
    });
  });
  if (answer !== null) throw new NasError(answer);
}
