/**
 * How long does a network take on this machine, and how sure is that? Needs TensorFlow (`npx nas setup`).
 *
 *     npm run example time-a-network mobilenet_v3_small 96
 */
import { tmpdir } from 'node:os';
import {
  buildNetwork,
  createRng,
  createTensorflowBackend,
  defaultProtocol,
  initialWeights,
  places,
  platformOn,
  presetArchitecture,
  tensorflowDevice,
  undisturbed,
} from 'platform-nas';

const [name = 'mobilenet_v3_small', side = '96'] = process.argv.slice(2);
const task = { input: [Number(side), Number(side), 3], classes: 1000 } as const;
const network = buildNetwork(presetArchitecture(name, task));
const weights = initialWeights(network, createRng(1));

await using backend = await createTensorflowBackend({
  directory: places().tensorflow,
  flavour: 'cpu',
  threads: 2,
  temporaryFolder: tmpdir(),
});
await using platform = platformOn(tensorflowDevice(backend, { batch: 1, epsilon: 1e-3 }));
const [measured] = (await platform.time([{ network, weights }], defaultProtocol, undisturbed)) ?? [];
if (measured === undefined) throw new Error('nothing was timed');
console.log(
  `${name} at ${side}: ${measured.medianMs.toFixed(3)} ms ` +
    `(95 % ${measured.lowMs.toFixed(3)}–${measured.highMs.toFixed(3)}, ${measured.runs} runs)`,
);
