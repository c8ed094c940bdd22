import { createRunTimer } from '../../core/index.js';
import { fold } from '../../network/index.js';
import type { Backend } from '../backend.js';
import { compileTraining, logitsOf } from './training.js';

/**
 * tfjs on one CPU thread, op by op, with tfjs's own differentiation: slow and obvious. Tests hold the TensorFlow
 * backend against it. It needs no set-up.
 */
export async function createReferenceBackend(): Promise<Backend> {
  const tf = await import('@tensorflow/tfjs-core');
  // Only the union package registers tfjs's gradients in a form that Node can load.
  await import('@tensorflow/tfjs');
  const { version_cpu: version } = await import('@tensorflow/tfjs-backend-cpu');
  tf.enableProdMode();
  await tf.setBackend('cpu');
  return {
    info: {
      backend: 'reference',
      device: 'cpu',
      name: 'tfjs',
      threads: 1,
      versions: { tfjs: tf.version_core, 'tfjs-backend-cpu': version },
    },
    compileTraining: (network, weights, recipe, training) =>
      compileTraining(tf, network, weights, recipe, training),
    compileInference(network, weights, { batch, epsilon }) {
      const folded = fold(network, weights, epsilon);
      const size = batch * network.input[0] * network.input[1] * network.input[2];
      const run = (input: Float32Array) => logitsOf(tf, folded.network, folded.weights, input, batch);
      const timer = createRunTimer();
      return {
        batch,
        run,
        time: (count) => timer.time(() => void run(new Float32Array(size)), count),
        get clockStepMs() {
          return timer.clockStepMs;
        },
        dispose: () => undefined,
      };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
