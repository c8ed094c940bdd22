import { buildNetwork } from '../../network/index.js';
import { jsonArtifact } from '../artifacts.js';
import { assertTrained, type Artifact, type Exporter } from '../exporter.js';
import { exportMetadata } from '../metadata.js';
import { hdf5File, type Hdf5Group } from './hdf5.js';
import { KERAS_INPUT, kerasLayers, type KerasLayer } from './layers.js';
import { zipOf } from './zip.js';

export const KERAS_FILE = 'model.keras';
/** Oldest version whose files look like this. */
const VERSION = '3.0.0';
/** Of the moving averages of normalisation when training resumes there: Keras's own default. */
const MOMENTUM = 0.99;

/**
 * `model.keras`, which Keras 3 opens and trains: a zip archive of the model's configuration and its weights in HDF5. Input
 * `images`, float32 [N, H, W, C], (pixel/255 − mean)/deviation per channel, to logits [N, classes]. Normalisation is not
 * folded.
 */
export const kerasExporter: Exporter = {
  format: 'keras',
  export(trained): readonly Artifact[] {
    assertTrained(trained);
    const network = buildNetwork(trained.architecture);
    const norm = { epsilon: trained.epsilon, momentum: MOMENTUM };
    const layers = kerasLayers(network, trained.weights, norm);
    const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
    const bytes = zipOf({
      'metadata.json': text({ keras_version: VERSION }),
      'config.json': text(configOf(layers, network.input)),
      'model.weights.h5': hdf5File(weightsOf(layers)),
    });
    return [
      { path: KERAS_FILE, bytes, mediaType: 'application/zip' },
      jsonArtifact('metadata.json', exportMetadata(trained, 'NHWC')),
    ];
  },
};

function configOf(layers: readonly KerasLayer[], input: readonly number[]) {
  const registered = { registered_name: null };
  const tensor = (name: string, shape: readonly number[]) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null, ...shape], dtype: 'float32', keras_history: [name, 0, 0] },
  });
  const first = {
    ...{ module: 'keras.layers', class_name: 'InputLayer', ...registered, name: KERAS_INPUT },
    config: { batch_shape: [null, ...input], dtype: 'float32', name: KERAS_INPUT },
    inbound_nodes: [],
  };
  const others = layers.map(({ className, name, config, from, shapes }) => {
    const read = from.map((source, i) => tensor(source, shapes[i] ?? []));
    return {
      ...{ module: 'keras.layers', class_name: className, ...registered, name },
      config: { name, trainable: true, dtype: 'float32', ...config },
      inbound_nodes: [{ args: read.length === 1 ? read : [read], kwargs: {} }],
    };
  });
  return {
    ...{ module: 'keras.src.models.functional', class_name: 'Functional', registered_name: 'Functional' },
    config: {
      ...{ name: 'network', trainable: true, layers: [first, ...others] },
      input_layers: [KERAS_INPUT, 0, 0],
      output_layers: [layers.at(-1)?.name ?? '', 0, 0],
    },
    build_config: { input_shape: null },
  };
}

/** Keras looks for a layer's variables by its class and its number among the layers of that class. */
function weightsOf(layers: readonly KerasLayer[]): Hdf5Group {
  const counts = new Map<string, number>();
  const groups = layers.map(({ className, variables }) => {
    const count = counts.get(className) ?? 0;
    counts.set(className, count + 1);
    const vars = Object.fromEntries(variables.map((variable, i) => [String(i), variable]));
    return [count === 0 ? snake(className) : `${snake(className)}_${count}`, { vars }] as const;
  });
  return { layers: { input_layer: { vars: {} }, ...Object.fromEntries(groups) }, vars: {} };
}

/** As Keras writes names: Conv2D is conv2d, ReLU re_lu. */
function snake(className: string): string {
  return className
    .replaceAll(/(.)([A-Z][a-z0-9]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
