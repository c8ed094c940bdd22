import { fingerprintDigest } from '../../latency/index.js';
import type { Devices } from '../../pool/index.js';
import type { QueueConnection } from '../connection/connect.js';
import { createLiveness } from '../registry/liveness.js';
import { seeWorkers } from '../registry/list-workers.js';
import { registryIn } from '../registry/registry.js';
import { WORKERS, type WorkerRecord } from '../wire/messages.js';

/** Ms between two looks at the workers. */
const LOOK_MS = 1000;
/** Ms of silence after which a worker's record is taken away. */
const FORGET_MS = 600_000;

/** The workers that live and have a host for one study. */
export interface StudyWorkers extends Disposable {
  /** Trials that they work on concurrently. */
  readonly slots: number;
  /** Resolves with the devices of the first that is ready. */
  readonly first: Promise<Devices>;
}

export interface StudyWorkersOptions {
  readonly connection: QueueConnection;
  readonly study: string;
  /** Digests of the devices that the study's latencies are of; null where the first worker decides. */
  readonly devices: readonly string[] | null;
  /** Gets lines such as that a worker came, left, or can do nothing for the study. */
  readonly onChange: (line: string) => void;
}

/** Digests of a worker's or a host's devices, first platform first. */
export function deviceDigests({ fingerprint, further = [] }: Devices): readonly string[] {
  return [fingerprint, ...further].map(fingerprintDigest);
}

export function watchStudyWorkers({
  connection,
  study,
  devices,
  onChange,
}: StudyWorkersOptions): StudyWorkers {
  const registry = registryIn(connection.queue(WORKERS));
  const liveness = createLiveness();
  const present = new Map<string, string>();
  const problems = new Map<string, string>();
  let slots = 0;
  let wanted = devices;
  let isReady: (devices: Devices) => void = () => undefined;
  const first = new Promise<Devices>((resolve) => (isReady = resolve));

  async function look(): Promise<void> {
    const records = await seeWorkers(registry, liveness);
    let found = 0;
    for (const [id, record] of records) {
      if (!liveness.isLive(id)) {
        if (liveness.silentMs(id) > FORGET_MS) await registry.remove(id);
        continue;
      }
      noteProblem(id, record);
      const ready = readyFor(record);
      if (ready === undefined) continue;
      wanted ??= deviceDigests(ready);
      isReady(ready);
      found += record.slots;
      if (!present.has(id)) onChange(`worker ${record.name} has joined (${slotsText(record.slots)})`);
      present.set(id, record.name);
    }
    for (const [id, name] of present)
      if (!liveness.isLive(id) || records.get(id)?.study !== study) {
        present.delete(id);
        onChange(`worker ${name} has left`);
      }
    slots = found;
  }

  /** Its devices, where it can take a task of the study. */
  function readyFor({ study: of, fingerprint, further, problem }: WorkerRecord): Devices | undefined {
    if (of !== study || fingerprint === null || problem !== null) return undefined;
    const has: Devices = { fingerprint, further };
    return wanted === null || wanted.join() === deviceDigests(has).join() ? has : undefined;
  }

  function noteProblem(id: string, { study: of, problem, name }: WorkerRecord): void {
    if (of !== study || problem === null || problems.get(id) === problem) return;
    problems.set(id, problem);
    onChange(`worker ${name} cannot take part: ${problem}`);
  }

  // A server that is away is reported by the connection.
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_MS);
  return {
    first,
    get slots() {
      return slots;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function slotsText(slots: number): string {
  return `${slots} ${slots === 1 ? 'trial' : 'trials'} at a time`;
}
