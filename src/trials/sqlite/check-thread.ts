import { parentPort, workerData } from 'node:worker_threads';
import { isNasError } from '../../core/index.js';
import type { CheckAnswer } from './check-aside.js';
import { translating } from './errors.js';
import { requireSound } from './study.js';

/** Entry of a thread that checks one database and ends. */
const path = workerData as string;

function check(): CheckAnswer {
  try {
    translating(path, () => requireSound(path));
    return null;
  } catch (error) {
    if (!isNasError(error)) throw error;
    const { code, found, expected, fix, fault } = error;
    return {
      ...{ code, found },
      ...(expected === undefined ? {} : { expected }),
      ...(fix === undefined ? {} : { fix }),
      ...(fault === undefined ? {} : { fault }),
    };
  }
}

parentPort?.postMessage(check());
