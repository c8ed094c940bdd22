import type { Pool } from '../../pool/index.js';
import { isOnDevices, type Trial } from '../../trials/index.js';
import { noteDevices } from '../latency/devices.js';
import { timedOn, timeFrontierAgain, type TimingAgain } from './new-device.js';
import {
  deviceChanged,
  digestsOf,
  isSameDevice,
  noteStudyDevices,
  studyDevices,
  withThreads,
} from './same-device.js';

/** Holds the devices of a session's hosts against those that its study was timed on. */
export interface SessionDevice {
  /** Whether the study's devices are those of this session. */
  readonly checked: boolean;
  /**
   * Lets a host pass that times on the study's devices; with `newDevice` the study is moved to the host's.
   * @throws NasError `NAS_STUDY_DEVICE`
   */
  check(pool: Pool, kind: 'shared' | 'exclusive'): Promise<void>;
  /** The trial with a latency of the study's devices; `pool` gives the host that times it where it has none. */
  timed(trial: Trial, pool: () => Promise<Pool>): Promise<Trial>;
}

export interface SessionDeviceOptions extends Omit<TimingAgain, 'meter'> {
  readonly newDevice: boolean;
  /** Where devices are known that older studies do not describe. */
  readonly latencyFolder: string;
}

export function sessionDevice({ newDevice, latencyFolder, ...rest }: SessionDeviceOptions): SessionDevice {
  const { store, spec } = rest;
  const { threads, deterministic } = spec.host;
  let checked = false;
  return {
    get checked() {
      return checked;
    },
    async check(pool, kind) {
      const stored = studyDevices(store);
      const host = kind === 'shared' ? pool : withThreads(pool, deterministic ? 1 : threads);
      if (stored !== undefined && !isSameDevice(stored, pool) && !isSameDevice(stored, host)) {
        if (!newDevice || kind === 'exclusive') throw deviceChanged(store, stored, host, latencyFolder);
        // Noted first: as soon as one trial was timed again, the latest is of the new device.
        noteStudyDevices(store, stored);
        noteDevices(store, pool);
        await timeFrontierAgain({ ...rest, meter: pool }, stored, digestsOf(pool));
      }
      if (kind === 'shared') noteStudyDevices(store, digestsOf(pool));
      noteDevices(store, pool);
      checked = true;
    },
    async timed(trial, pool) {
      if (newDevice && !checked) await pool();
      const devices = studyDevices(store);
      const latency = trial.outcome?.latency;
      if (devices === undefined || latency == null || isOnDevices(latency, devices)) return trial;
      return timedOn({ ...rest, meter: await pool() }, trial, devices);
    },
  };
}
