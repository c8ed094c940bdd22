import type { Network, Weights } from '../../network/index.js';
import type { Examples, TrainingProgram } from '../backend.js';
import type { StepRecipe } from '../step-recipe.js';
import { checkTraining } from '../evaluation.js';
import type { Binding } from './binding.js';
import { openCalls, type Calls } from './calls.js';
import { buildStepGraph } from './step/step-graph.js';
import { startTraining } from './training.js';

/** Compiles training programs. Keeps the last one's graph: an equal one is loaded and optimised already. */
export interface Trainer {
  compile(network: Network, weights: Weights, recipe: StepRecipe, training: Examples): TrainingProgram;
  dispose(): void;
}

export function createTrainer(binding: Binding, folder: string): Trainer {
  const device = binding.isUsingGpuDevice() ? 'gpu' : 'cpu';
  let parked: { readonly key: string; readonly graph: Calls } | undefined;

  /** The parked graph where it is the one that is wanted; otherwise it goes. */
  function take(key: string): Calls | undefined {
    const last = parked;
    parked = undefined;
    if (last?.key === key) return last.graph;
    last?.graph.dispose();
    return undefined;
  }

  /** A parked graph holds no examples and no weights, and there is one at most. */
  function park(key: string, graph: Calls): void {
    parked?.graph.dispose();
    parked = undefined;
    try {
      graph.execute('forget');
      parked = { key, graph };
    } catch {
      graph.dispose();
    }
  }

  function open(network: Network, recipe: StepRecipe, training: Examples): Calls {
    const { nodes, entries } = buildStepGraph(network, recipe, training, device);
    return openCalls(binding, nodes, entries, folder);
  }

  return {
    compile(network, weights, recipe, training) {
      checkTraining(network, recipe, training);
      const key = keyOf(network, recipe, training);
      const graph = take(key) ?? open(network, recipe, training);
      try {
        return startTraining(graph, network, weights, recipe, training, (sound) => {
          if (sound) park(key, graph);
          else graph.dispose();
        });
      } catch (error) {
        graph.dispose();
        throw error;
      }
    },
    dispose() {
      parked?.graph.dispose();
      parked = undefined;
    },
  };
}

/** All that a step graph is built from: equal keys, equal graphs. */
function keyOf(network: Network, recipe: StepRecipe, { count, shape }: Examples): string {
  return JSON.stringify([network, recipe, count, shape]);
}
