import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { mean } from '../../core/index.js';
import type { HostState } from '../../trials/index.js';

/** What can be read of a machine in a moment; null where it cannot. */
export interface MachineState {
  /** Mean clock of the cores, MHz. */
  readonly clockMhz: number | null;
  /** Processes that were running or waiting on average over the last minute. */
  readonly load: number | null;
  /** Hottest sensor, °C. */
  readonly temperatureC: number | null;
}

/** Reads this machine's state; `root` is where /proc and /sys lie. */
export function machineState(root = '/'): MachineState {
  const [load = 0] = loadavg();
  return {
    clockMhz: clock(root),
    load: load > 0 ? load : null,
    temperatureC: hottest(join(root, 'sys/class/thermal')),
  };
}

/** The conditions of a session from its begin to its end; undefined where nothing could be read. */
export function hostStateOf(before: MachineState, after: MachineState): HostState | undefined {
  const clockMhz =
    before.clockMhz === null || after.clockMhz === null ? null : ([before.clockMhz, after.clockMhz] as const);
  const temperatures = [before.temperatureC, after.temperatureC].filter((value) => value !== null);
  const temperatureC = temperatures.length === 0 ? null : Math.max(...temperatures);
  // The load before: afterwards the measurement itself is in it.
  const { load } = before;
  if (clockMhz === null && load === null && temperatureC === null) return undefined;
  return Object.freeze({ clockMhz, load, temperatureC });
}

/** The governor's clocks where there are some, else what the processor reports (virtual machines: the nominal clock). */
function clock(root: string): number | null {
  const cores = join(root, 'sys/devices/system/cpu');
  const governed = names(cores)
    .filter((name) => /^cpu\d+$/.test(name))
    .flatMap((name) => number(text(join(cores, name, 'cpufreq/scaling_cur_freq'))) ?? []);
  if (governed.length > 0) return Math.round(mean(governed) / 1000);
  const reported = text(join(root, 'proc/cpuinfo'))
    .split('\n')
    .flatMap((line) => number(/^cpu MHz\s*:\s*([\d.]+)\s*$/.exec(line)?.[1] ?? '') ?? []);
  return reported.length === 0 ? null : Math.round(mean(reported));
}

function hottest(folder: string): number | null {
  const readings = names(folder)
    .filter((name) => name.startsWith('thermal_zone'))
    .flatMap((name) => number(text(join(folder, name, 'temp'))) ?? [])
    .map((value) => value / 1000)
    // Sensors that are absent or broken report such values.
    .filter((value) => value > 0 && value < 150);
  return readings.length === 0 ? null : Math.max(...readings);
}

function number(written: string): number | undefined {
  return /^\s*\d+(\.\d+)?\s*$/.test(written) ? Number(written) : undefined;
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
