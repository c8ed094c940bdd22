import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { commandDevice } from '../../../src/latency/devices/command/index.js';
import { platformOn } from '../../../src/latency/index.js';
import { describePlatform } from '../../../src/testing/index.js';
import { writer } from '../agent/samples.js';

describePlatform('command', async () =>
  platformOn(
    await commandDevice({
      program: process.execPath,
      args: [fileURLToPath(new URL('program.mjs', import.meta.url)), 'size'],
      batch: 1,
      onnx: writer,
      temporaryFolder: tmpdir(),
      environment: process.env,
    }),
  ),
);
