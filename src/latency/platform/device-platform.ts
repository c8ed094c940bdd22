import { setTimeout as sleep } from 'node:timers/promises';
import type { LatencyRecord } from '../../trials/index.js';
import { cancelOnStop } from '../protocol/cancel.js';
import { hostStateOf, machineState, type MachineState } from '../protocol/host-state.js';
import { driftCorrectionOf } from '../protocol/drift-correction.js';
import type { Device, Program } from '../devices/device.js';
import { keepBaseline, readBaseline, type Baseline } from '../protocol/baseline.js';
import type { Fingerprint } from './fingerprint.js';
import { timeInterleaved, type ReferenceSession } from '../protocol/session.js';
import { latencyRecord, type Circumstances } from '../protocol/record.js';
import type { Platform } from './platform.js';
import type { Protocol } from '../protocol/protocol.js';
import { REFERENCE_NAME, referenceNetwork } from '../protocol/reference.js';

export interface PlatformOnOptions {
  /**
   * Folder that holds what is known of devices: the reference network's baseline there puts all later sessions on
   * one scale. Null: only the sessions of this platform are.
   * @default null
   */
  readonly folder?: string | null;
  /** Reads this machine's clocks, load and temperature. @default as the operating system reports them */
  readonly state?: () => MachineState;
  /** Lets a disturbance pass before a session is taken again. @default a second */
  readonly rest?: () => Promise<void>;
}

const REST_MS = 1000;

/** What one session found; the reference's latency then, undefined without one. */
interface Taken {
  readonly records: readonly LatencyRecord[];
  readonly referenceMs: number | undefined;
}

/**
 * A device under the timing protocol, which is the same on all of them. Closing the platform closes the device.
 *
 * Each session times the reference network in turns with the others. The first session on a device keeps what the
 * reference took; the latencies of later ones are corrected by how much longer or shorter it takes now, so that a machine
 * that has become slower or faster meanwhile is not taken for another network. The correction is not exact, since what slows
 * a machine does not slow all networks equally: a disturbed session is taken again, and the quietest counts.
 */
export function platformOn(device: Device, options: PlatformOnOptions = {}): Platform {
  const { folder = null, rest = () => sleep(REST_MS) } = options;
  const state = device.elsewhere === true ? null : (options.state ?? machineState);
  const fingerprint: Fingerprint = Object.freeze({ ...device.fingerprint, reference: REFERENCE_NAME });
  let reference: Promise<Program> | undefined;
  let first: Baseline | undefined;
  /** The least that the reference took in a session. */
  let quietestMs = Infinity;
  /** Measurements in a row that taking sessions again did not help: a load that lasts costs ever less time. */
  let inVain = 0;

  /**
   * Runs alone until its own latency is known, where no earlier session has; as often as a disturbed session is taken, for
   * all later ones stand on its scale. Undefined when it was stopped.
   */
  async function baselineOf(
    program: Program,
    protocol: Protocol,
    stop: () => boolean,
  ): Promise<Baseline | undefined> {
    first ??= folder === null ? undefined : readBaseline(folder, fingerprint);
    if (first !== undefined) return first;
    let reading: Baseline | undefined;
    for (let times = 0; times <= protocol.repeats; times++) {
      if (times > 0) await rest();
      const session = await timeInterleaved([program], protocol, {
        stop,
        leastBurst: device.leastBurst,
        printed: device.printed,
      });
      const found = session?.networks[0];
      if (found === undefined) return undefined;
      if (reading === undefined || found.medianMs < reading.medianMs)
        reading = { medianMs: found.medianMs, runs: found.runs };
    }
    if (reading === undefined) return undefined;
    first = folder === null ? reading : keepBaseline(folder, fingerprint, reading);
    return first;
  }

  async function session(
    programs: readonly Program[],
    reference: Program | undefined,
    protocol: Protocol,
    stop: () => boolean,
  ): Promise<Taken | null> {
    const scale = reference === undefined ? undefined : await baselineOf(reference, protocol, stop);
    if (reference !== undefined && scale === undefined) return null;
    const before = state?.();
    const timed = await timeInterleaved(programs, protocol, {
      reference,
      stop,
      leastBurst: device.leastBurst,
      printed: device.printed,
    });
    if (timed === null) return null;
    const hostState = before && state ? hostStateOf(before, state()) : undefined;
    const found = timed.reference;
    const said = found === null || scale === undefined ? {} : onReference(found, scale);
    const records = timed.networks.map((one) => latencyRecord(one, fingerprint, { ...said, hostState }));
    return { records, referenceMs: found?.medianMs };
  }

  /** Whether the machine was about as fast in a session as it ever was. Remembers how fast that is. */
  function isQuiet({ referenceMs }: Taken, { quiet }: Protocol): boolean {
    if (referenceMs === undefined) return true;
    quietestMs = Math.min(quietestMs, first?.medianMs ?? Infinity, referenceMs);
    return referenceMs <= (1 + quiet) * quietestMs;
  }

  /** Takes sessions until one is quiet; null when one was stopped. */
  async function quietestOf(
    take: () => Promise<Taken | null>,
    protocol: Protocol,
    repeats: number,
  ): Promise<readonly LatencyRecord[] | null> {
    let quietest: Taken | undefined;
    for (let retaken = 0; ; retaken++) {
      const taken = await take();
      if (taken === null) return null;
      if (quietest === undefined || (taken.referenceMs ?? 0) < (quietest.referenceMs ?? 0)) quietest = taken;
      const quiet = isQuiet(taken, protocol);
      if (quiet || retaken >= repeats - inVain) {
        inVain = quiet ? 0 : inVain + (retaken > 0 ? 1 : 0);
        return retaken === 0 ? quietest.records : quietest.records.map((one) => withRetaken(one, retaken));
      }
      await rest();
    }
  }

  return {
    name: fingerprint.platform,
    fingerprint,
    async time(networks, protocol, { stop, prepare, quiet }) {
      if (networks.length === 0) return [];
      const programs: Program[] = [];
      const unwatch = cancelOnStop(device.cancel, stop);
      try {
        for (const runnable of networks) {
          if (stop()) return null;
          programs.push(await prepare(() => device.open(runnable)));
        }
        if (protocol.reference) {
          reference ??= prepare(() => device.open(referenceNetwork()));
          // One that does not open is tried again next time.
          reference.catch(() => {
            reference = undefined;
          });
        }
        const referenceProgram = protocol.reference ? await reference : undefined;
        const take = () => session(programs, referenceProgram, protocol, stop);
        const repeats = networks.length <= protocol.repeatsUpTo ? protocol.repeats : 0;
        return await quietestOf(() => quiet(() => device.hold?.(take) ?? take()), protocol, repeats);
      } catch (error) {
        // What was cancelled fails.
        if (device.cancel !== undefined && stop()) return null;
        throw error;
      } finally {
        for (const program of programs) await program.dispose();
        unwatch();
      }
    },
    async [Symbol.asyncDispose]() {
      // A device that hangs would be waited for by what is said to it in parting.
      const unwatch = cancelOnStop(device.cancel, () => true);
      try {
        const open = await reference?.catch(() => undefined);
        reference = undefined;
        await open?.dispose();
      } finally {
        unwatch();
      }
      await device[Symbol.asyncDispose]();
    },
  };
}

/** What the reference network of a session says of the session's latencies. */
function onReference(found: ReferenceSession, first: Baseline): Pick<Circumstances, 'reference' | 'doubt'> {
  const { medianMs, madMs, drift, clockStepMs = 0 } = found;
  const { factor, doubt } = driftCorrectionOf(first.medianMs, medianMs);
  // Where the readings differ at all, each may be off by half a step of the clock.
  const coarse = medianMs === first.medianMs ? 1 : 1 + clockStepMs / medianMs;
  return { reference: Object.freeze({ medianMs, madMs, factor, drift }), doubt: doubt * coarse };
}

function withRetaken(record: LatencyRecord, retaken: number): LatencyRecord {
  if (record.reference === undefined) return record;
  return Object.freeze({ ...record, reference: Object.freeze({ ...record.reference, retaken }) });
}
