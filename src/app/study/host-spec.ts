import { mkdirSync } from 'node:fs';
import { defaultProtocol } from '../../latency/index.js';
import { sweepCheckpoints, type HostSpecInput } from '../../pool/index.js';
import { gpuIsOptional, type Places } from '../environment.js';
import type { StudySpec } from './spec.js';
import { ownPath } from './own-path.js';
import { sweepTemporary } from '../temporary.js';

/**
 * What the evaluator host must know to work on a study; makes the checkpoints folder and clears it of what killed hosts
 * left half-written.
 * @param trusted platforms that may run a program or get an agent's token, as `requireTrusted` gives them
 */
export function hostSpec(
  spec: StudySpec,
  places: Places,
  folder: string,
  trusted: readonly string[] = [],
): HostSpecInput {
  const checkpoints = ownPath(folder, 'checkpoints');
  mkdirSync(checkpoints, { recursive: true });
  sweepCheckpoints(checkpoints);
  sweepTemporary();
  const { backend, flavour, workers, threads, deterministic, idleSeconds } = spec.host;
  return {
    backend:
      backend === 'tensorflow'
        ? {
            kind: 'tensorflow',
            flavour,
            deterministic,
            directory: places.tensorflow,
            cpuAllowed: gpuIsOptional(),
          }
        : backend === 'reference'
          ? { kind: 'reference' }
          : { kind: 'fake' },
    data: { ...spec.data, seed: spec.seed },
    recipe: spec.recipe,
    latency: {
      platform: spec.latency.platform,
      also: spec.latency.also,
      trusted: [...trusted],
      batch: spec.latency.batch,
      folder: places.latency,
      protocol: {
        ...defaultProtocol,
        seed: `${spec.seed}/latency`,
        // The plain backend would be at the reference network for seconds, and its times serve tests only.
        reference: backend !== 'reference' || spec.latency.platform !== 'tensorflow',
      },
    },
    checkpoints,
    workers,
    idleSeconds,
    threads: deterministic ? 1 : threads,
  };
}
