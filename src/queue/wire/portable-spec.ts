import type { HostSpec } from '../../pool/index.js';

/** Stands in a specification that travels where a path of the worker's own comes. */
const ELSEWHERE = 'of the worker';

/** What of a host's specification is the machine's own. */
export interface WorkerPlaces {
  /** Folder of TensorFlow. */
  readonly tensorflow: string;
  /** Folder of the data sets. */
  readonly data: string;
  /** What is known of devices lies there. */
  readonly latency: string;
  /** An empty folder for weights and training states. */
  readonly checkpoints: string;
  /** Platforms that may run a program or get an agent's token here. */
  readonly trusted: readonly string[];
  /** Concurrent trials; null: as the study has it. */
  readonly workers: number | null;
}

/** A host's specification without what is of the controller's machine. */
export function portableSpec(spec: HostSpec): HostSpec {
  return withPlaces(spec, {
    tensorflow: ELSEWHERE,
    data: ELSEWHERE,
    latency: null,
    checkpoints: ELSEWHERE,
    trusted: [],
    workers: null,
  });
}

/** The specification as a worker starts its host with it; nothing in it that names a place is the queue's. */
export function placedSpec(spec: HostSpec, places: WorkerPlaces): HostSpec {
  return withPlaces(spec, places);
}

function withPlaces(
  spec: HostSpec,
  places: Omit<WorkerPlaces, 'latency'> & { readonly latency: string | null },
): HostSpec {
  const { backend, data, latency } = spec;
  return {
    ...spec,
    backend: backend.kind === 'tensorflow' ? { ...backend, directory: places.tensorflow } : backend,
    data: { ...data, folder: places.data },
    latency: { ...latency, folder: places.latency, trusted: [...places.trusted] },
    checkpoints: places.checkpoints,
    workers: places.workers ?? spec.workers,
  };
}
