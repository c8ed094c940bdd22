import { buildNetwork, fold } from '../../network/index.js';
import { formatArchitecture } from '../../space/index.js';
import { assertTrained, type Artifact, type Exporter, type TrainedNetwork } from '../exporter.js';
import { accuracyOf, originOf, preprocessingOf } from '../metadata.js';
import { shapeOf, type GraphBuilder } from './graph.js';
import { INPUT, LOGITS, lower, PROBABILITIES } from './lower.js';

/** Size of a weight file, as tensorflowjs_converter splits them, so that browsers cache them. */
const SHARD_BYTES = 4 * 1024 * 1024;

/**
 * A TensorFlow.js graph model: `model.json` and its weights, normalisation folded. `loadGraphModel` opens it;
 * input [−1, H, W, C] of normalised pixels, outputs `logits` and `probabilities` [−1, classes].
 */
export const tfjsExporter: Exporter = {
  format: 'tfjs',
  export(trained): readonly Artifact[] {
    assertTrained(trained);
    const { network, weights } = fold(buildNetwork(trained.architecture), trained.weights, trained.epsilon);
    const graph = lower(network, weights);
    const shards = shard(packed(graph.values));
    const model = describe(
      trained,
      graph,
      shards.map(({ path }) => path),
    );
    const bytes = new TextEncoder().encode(`${JSON.stringify(model)}\n`);
    return [{ path: 'model.json', bytes, mediaType: 'application/json' }, ...shards];
  },
};

function describe(trained: TrainedNetwork, graph: GraphBuilder, paths: readonly string[]) {
  const { architecture, mean, deviation, classes, latency } = trained;
  const output = (name: string) => tensor(name, [-1, classes.length]);
  return {
    format: 'graph-model',
    generatedBy: `platform-nas ${trained.versions['platform-nas'] ?? ''}`.trim(),
    convertedBy: 'platform-nas',
    signature: {
      inputs: { [INPUT]: tensor(INPUT, [-1, ...architecture.input]) },
      outputs: { [LOGITS]: output(LOGITS), [PROBABILITIES]: output(PROBABILITIES) },
    },
    userDefinedMetadata: {
      preprocessing: preprocessingOf(mean, deviation),
      classes,
      architecture: formatArchitecture(architecture),
      ...originOf(trained),
      accuracy: accuracyOf(trained),
      latency,
    },
    modelTopology: { node: graph.nodes, library: {}, versions: { producer: 1286, minConsumer: 12 } },
    weightsManifest: [{ paths, weights: graph.specs }],
  };
}

function tensor(name: string, shape: readonly number[]) {
  return { name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape: shapeOf(shape) };
}

/** All numbers one after the other, four bytes each, little-endian. */
function packed(values: GraphBuilder['values']): Uint8Array {
  const bytes = new Uint8Array(values.reduce((sum, { length }) => sum + 4 * length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const tensorValues of values) {
    const whole = tensorValues instanceof Int32Array;
    for (const value of tensorValues) {
      if (whole) view.setInt32(at, value, true);
      else view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return bytes;
}

function shard(bytes: Uint8Array): Artifact[] {
  const count = Math.max(1, Math.ceil(bytes.length / SHARD_BYTES));
  return Array.from({ length: count }, (_, index) => ({
    path: `group1-shard${index + 1}of${count}.bin`,
    bytes: bytes.slice(index * SHARD_BYTES, (index + 1) * SHARD_BYTES),
    mediaType: 'application/octet-stream',
  }));
}
