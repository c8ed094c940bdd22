import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { deviceName } from '../../src/backends/tensorflow/device.js';

it('names the processor', () => {
  expect(deviceName(false)).toBe(cpus()[0]?.model.trim() || 'CPU');
});

it('names the first card of the driver, else GPU', () => {
  const drivers = mkdtempSync(join(tmpdir(), 'nas-test-'));
  mkdirSync(join(drivers, '0000:01:00.0'));
  writeFileSync(join(drivers, '0000:01:00.0', 'information'), 'Model: \t NVIDIA RTX 4090\nIRQ: 3\n');
  expect(deviceName(true, drivers)).toBe('NVIDIA RTX 4090');
  expect(deviceName(true, join(drivers, 'none'))).toBe('GPU');
  rmSync(drivers, { recursive: true });
});
