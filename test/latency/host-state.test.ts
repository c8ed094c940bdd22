import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { hostStateOf, machineState } from '../../src/latency/index.js';
import { nvidiaDriver } from '../../src/latency/platform/fingerprint.js';

const root = mkdtempSync(join(tmpdir(), 'nas-conditions-'));
afterAll(() => rmSync(root, { recursive: true }));
let place = '';
let count = 0;
beforeEach(() => {
  place = join(root, String(++count));
});

function files(contents: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(place, name)), { recursive: true });
    writeFileSync(join(place, name), text);
  }
  return place;
}

describe('machineState', () => {
  it("prefers the governor's clocks and takes the hottest sensor", () => {
    const state = machineState(
      files({
        'proc/cpuinfo': 'cpu MHz\t\t: 1000.0\n',
        'sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq': '3400000\n',
        'sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq': '3000000\n',
        'sys/devices/system/cpu/cpufreq/boost': '1\n',
        'sys/class/thermal/thermal_zone0/temp': '41000\n',
        'sys/class/thermal/thermal_zone1/temp': '67500\n',
        'sys/class/thermal/thermal_zone2/temp': '-274000\n',
        'sys/class/thermal/cooling_device0/temp': '99000\n',
      }),
    );
    expect(state).toMatchObject({ clockMhz: 3200, temperatureC: 67.5 });
  });

  it('takes the clocks that the processor reports where there is no governor', () => {
    const text = 'cpu MHz\t\t: 2596.098\nmodel\t: x\ncpu MHz\t\t: 2600\n';
    expect(machineState(files({ 'proc/cpuinfo': text }))).toMatchObject({
      clockMhz: 2598,
      temperatureC: null,
    });
  });

  it('says null where nothing can be read', () => {
    const state = machineState(files({ 'proc/cpuinfo': 'cpu MHz : fast\n' }));
    expect([state.clockMhz, state.temperatureC]).toEqual([null, null]);
  });
});

describe('conditionsOf', () => {
  it('joins before and after, and is undefined where nothing was read', () => {
    const none = { clockMhz: null, load: null, temperatureC: null };
    expect(hostStateOf(none, none)).toBeUndefined();
    expect(hostStateOf({ ...none, load: 1.5 }, { ...none, load: 2, clockMhz: 5 })).toEqual({
      clockMhz: null,
      load: 1.5,
      temperatureC: null,
    });
  });
});

describe('nvidiaDriver', () => {
  it.each([
    ['NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.154.05  Thu Dec 28', '535.154.05'],
    ['NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build', '570.86.15'],
    ['something else', null],
  ])('reads %j', (text, version) => {
    expect(nvidiaDriver(join(files({ version: text }), 'version'))).toBe(version);
  });
  it('is null without a driver', () => {
    expect(nvidiaDriver(join(root, 'absent'))).toBeNull();
  });
});
