import { describe, it } from 'vitest';
import { onnxModel } from '../../src/export/index.js';
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

describePlatform('onnxruntime', async () =>
  platformOn(
    await onnxruntimeDevice({
      batch: 1,
      threads: 1,
      onnx: ({ network, weights }, batch) => onnxModel(network, weights, { batch, epsilon: 1e-3 }),
    }),
  ),
);

describePlatform('a simulated machine', () => Promise.resolve(platformOn(simulated(machine()))), {
  skip: [
    {
      test: 'gives records in order, each with its spread, its source and its device',
      reason: 'all of its networks take as long',
    },
  ],
});
