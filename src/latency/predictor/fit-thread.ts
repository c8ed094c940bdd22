import { parentPort, workerData } from 'node:worker_threads';
import { parseArchitecture } from '../../space/index.js';
import { fit, type Observation } from './predictor.js';
import type { TimedNetwork } from './fit-aside.js';

/** Entry of a thread that fits one predictor and ends. Networks that cannot be read are passed over. */
const networks = workerData as readonly TimedNetwork[];

function observed({ text, medianMs }: TimedNetwork): Observation[] {
  try {
    return [{ architecture: parseArchitecture(text), medianMs }];
  } catch {
    return []; // Of a study that was tampered with.
  }
}

parentPort?.postMessage(fit(networks.flatMap(observed)));
