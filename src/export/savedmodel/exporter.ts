import { savedModelOf } from '../../backends/index.js';
import { jsonArtifact } from '../artifacts.js';
import type { Artifact, Exporter } from '../exporter.js';
import { exportMetadata } from '../metadata.js';
import { tfjsExporter } from '../tfjs/exporter.js';
import { INPUT, LOGITS, PROBABILITIES } from '../tfjs/lower.js';

export const SAVED_MODEL_FILE = 'saved_model.pb';

/**
 * A SavedModel without variables: the graph of {@link tfjsExporter} with its constants, and the signature
 * `serving_default` from `input` [−1, H, W, C], normalised pixels, to `logits` and `probabilities` [−1, classes].
 * `assets.extra/metadata.json` describes it, where TensorFlow leaves what it does not know alone.
 */
export const savedModelExporter: Exporter = {
  format: 'savedmodel',
  export(trained): readonly Artifact[] {
    const [model, ...shards] = tfjsExporter.export(trained);
    const graph = {
      json: new TextDecoder().decode(model?.bytes),
      weights: Buffer.concat(shards.map(({ bytes }) => bytes)),
    };
    const answers = [-1, trained.classes.length];
    const bytes = savedModelOf(graph, {
      inputs: { [INPUT]: [-1, ...trained.architecture.input] },
      outputs: { [LOGITS]: answers, [PROBABILITIES]: answers },
    });
    return [
      { path: SAVED_MODEL_FILE, bytes, mediaType: 'application/octet-stream' },
      jsonArtifact('assets.extra/metadata.json', exportMetadata(trained, 'NHWC')),
    ];
  },
};
