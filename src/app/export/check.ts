import { join } from 'node:path';
import {
  LOGITS,
  runTfjs,
  SAVED_MODEL_FILE,
  type Artifact,
  type OnnxExportOptions,
  type TrainedNetwork,
} from '../../export/index.js';
import { runGraphAside } from './graph-process.js';
import { runInPython } from './python.js';
import {
  COMPARED,
  randomInput,
  requireOwnLogits,
  tensorflowOptions,
  type OwnPass,
} from './random-pictures.js';
import { channelsFirst } from './onnx-runner.js';
import { verifyOnnx } from './verify-onnx.js';

export interface Compared {
  /** Largest relative difference of an output to our own forward pass; null where nothing was run. */
  readonly difference: number | null;
  /** Why nothing was run; null where it was, or where there is nothing to run. */
  readonly unchecked: string | null;
}

/**
 * Runs exported files on random pictures, in the library that they are for, and holds the answers against our own forward
 * pass.
 * @throws NasError `NAS_EXPORT_DIFFERS`, `NAS_GRAPH_RUN`, `NAS_NO_ONNXRUNTIME`
 */
export async function compareExport(
  format: string,
  artifacts: readonly Artifact[],
  trained: TrainedNetwork,
  onnx: OnnxExportOptions,
  own: OwnPass,
): Promise<Compared> {
  switch (format) {
    case 'onnx': {
      const { difference } = await verifyOnnx(artifacts, trained, onnx, { ...own, spec: null });
      return { difference, unchecked: null };
    }
    case 'tfjs': {
      const logits = await runTfjs(artifacts, randomInput(trained));
      const difference = await requireOwnLogits(logits, "TensorFlow.js's", trained, own);
      return { difference, unchecked: null };
    }
    case 'pytorch': {
      const [height, width, channels] = trained.architecture.input;
      const input = channelsFirst(randomInput(trained), COMPARED, channels);
      const shape = [COMPARED, channels, height, width];
      const run = await runInPython({
        ...{ modules: ['torch', 'safetensors'], script: PYTORCH, artifacts, input, shape },
      });
      if ('lacking' in run) return { difference: null, unchecked: `${run.lacking} (NAS_PYTHON names one)` };
      const difference = await requireOwnLogits(run.logits, "PyTorch's", trained, own);
      return { difference, unchecked: null };
    }
    case 'savedmodel': {
      const tensorflow = tensorflowOptions(own.places, own.flavour);
      if (tensorflow === null) return { difference: null, unchecked: 'TensorFlow is not set up (nas setup)' };
      const { directory, flavour, threads, temporaryFolder } = tensorflow;
      const options = { directory: join(directory, flavour), temporaryFolder, batch: COMPARED };
      const savedModel = artifacts.find(({ path }) => path === SAVED_MODEL_FILE)?.bytes ?? new Uint8Array();
      const request = { savedModel, shape: trained.architecture.input, output: LOGITS, options };
      const logits = await runGraphAside({ ...request, input: randomInput(trained) }, flavour, threads);
      const difference = await requireOwnLogits(logits, "TensorFlow's", trained, own);
      return { difference, unchecked: null };
    }
    case 'keras': {
      const shape = [COMPARED, ...trained.architecture.input];
      const run = await runInPython({
        ...{ modules: ['keras', 'numpy'], script: KERAS, artifacts, input: randomInput(trained), shape },
      });
      if ('lacking' in run) return { difference: null, unchecked: `${run.lacking} (NAS_PYTHON names one)` };
      const difference = await requireOwnLogits(run.logits, "Keras's", trained, own);
      return { difference, unchecked: null };
    }
    default:
      return { difference: null, unchecked: null };
  }
}

const KERAS = `import keras, numpy
network = keras.saving.load_model("model.keras")
pictures = numpy.array(images, "float32").reshape(shape)
logits = keras.ops.convert_to_numpy(network(pictures)).flatten().tolist()`;

const PYTORCH = `import sys
import torch
sys.path.insert(0, ".")
from model import create_model
network = create_model(weights="model.safetensors").eval()
with torch.no_grad():
    logits = network(torch.tensor(images).reshape(shape)).flatten().tolist()`;
