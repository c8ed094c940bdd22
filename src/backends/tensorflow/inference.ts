import { createRunTimer } from '../../core/index.js';
import { fold, type Network, type Weights } from '../../network/index.js';
import type { InferenceOptions, InferenceProgram } from '../backend.js';
import type { Binding } from './binding.js';
import { inferenceForward } from './step/forward.js';
import { createGraph, type Ref } from './graph/graph.js';
import { DType } from './graph/proto.js';
import { openSession } from './session.js';
import { dimensions } from './step/shapes.js';
import { assignCopy, done, named, placeholder, variable } from './graph/variables.js';

/** A network as a graph with constants for weights; the input is a variable, so that timing moves no data. */
export function compileInference(
  binding: Binding,
  folder: string,
  network: Network,
  weights: Weights,
  { batch, epsilon }: InferenceOptions,
): InferenceProgram {
  const folded = fold(network, weights, epsilon);
  const g = createGraph();
  const constants = new Map<string, Ref>(
    folded.network.parameters.map(({ name, shape }) => {
      return [name, g.constant(shape, folded.weights.get(name) as Float32Array)];
    }),
  );
  const shape = dimensions(network.input, batch);
  const picture = variable(g, 'picture', shape, DType.float);
  const given = placeholder(g, 'given', shape, DType.float);
  done(g, 'set', [assignCopy(g, picture, given)]);
  named(g, 'logits', inferenceForward(g, folded.network, constants, picture.value, batch));

  const session = openSession(binding, g, folder);
  const size = shape.reduce((a, b) => a * b, 1);
  const set = (input: Float32Array) => {
    if (input.length !== size) throw new RangeError(`input: expected ${size} numbers, found ${input.length}`);
    const fed = session.tensor(shape, input);
    try {
      session.execute({ given: fed }, ['set']);
    } finally {
      session.free(fed);
    }
  };
  try {
    set(new Float32Array(size));
  } catch (error) {
    session.dispose();
    throw error;
  }
  const timer = createRunTimer();
  return {
    batch,
    run(input) {
      set(input);
      return session.run({}, ['logits'])[0] as Float32Array;
    },
    time: (count) => timer.time(() => session.execute({}, ['logits']), count),
    get clockStepMs() {
      return timer.clockStepMs;
    },
    dispose: () => session.dispose(),
  };
}
