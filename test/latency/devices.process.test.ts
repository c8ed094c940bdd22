import { describe, expect, it } from 'vitest';
import { timedModels } from '../../src/export/index.js';
import { onnxruntimeDevice, platformOn, tensorflowDevice } from '../../src/latency/index.js';
import { isSetUp, prepare, REASON } from '../backends/tensorflow.js';
import { describePlatform } from '../../src/testing/index.js';
import { machine, simulated } from './machine.js';

const timing = { batch: 1, epsilon: 1e-3 } as const;

if (isSetUp) {
  const { make } = prepare(1);
  describePlatform('tensorflow', async () => platformOn(tensorflowDevice(await make(), timing)));
} else {
  describe('platform tensorflow', () => it('keeps the contract', (context) => context.skip(REASON)));
}

const onnxruntime = (int8: boolean) =>
  onnxruntimeDevice({ batch: 1, threads: 1, onnx: timedModels(1e-3), int8 });
describePlatform('onnxruntime', async () => platformOn(await onnxruntime(false)));
describePlatform('onnxruntime:int8', async () => platformOn(await onnxruntime(true)));

it('latencies in whole numbers are another device than those in float', async () => {
  const [float, int8] = [await onnxruntime(false), await onnxruntime(true)];
  expect(float.fingerprint.platform).toBe('onnxruntime');
  expect(int8.fingerprint).toEqual({ ...float.fingerprint, platform: 'onnxruntime:int8' });
});

describePlatform('a simulated machine', () => Promise.resolve(platformOn(simulated(machine()))), {
  skip: [
    {
      test: 'gives records in order, each with its spread, its source and its device',
      reason: 'all of its networks take as long',
    },
  ],
});
