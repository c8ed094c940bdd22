import { buildNetwork, encodeTensors } from '../../network/index.js';
import { formatArchitecture } from '../../space/index.js';
import { jsonArtifact, textArtifact } from '../artifacts.js';
import { assertTrained, type Artifact, type Exporter, type TrainedNetwork } from '../exporter.js';
import { exportMetadata, metadataTexts } from '../metadata.js';
import { pythonLiteral, type Literal } from './python.js';
import { networkSource, type BackboneMap } from './source.js';
import { stateDict } from './state-dict.js';

const PYTORCH_FILE = 'model.py';
const PYTORCH_WEIGHTS = 'model.safetensors';

/**
 * `model.py`, a module that needs PyTorch alone (safetensors to read the weights), `model.safetensors` with the names of its
 * state dict, and `metadata.json`.
 */
export const pytorchExporter: Exporter = {
  format: 'pytorch',
  export(trained): readonly Artifact[] {
    assertTrained(trained);
    const network = buildNetwork(trained.architecture);
    const metadata = exportMetadata(trained, 'NCHW');
    const texts = metadataTexts(metadata);
    const weights = encodeTensors(stateDict(network, trained.weights), () => ({ format: 'pt', ...texts }));
    return [
      textArtifact(PYTORCH_FILE, pytorchFile(trained), 'text/x-python'),
      { path: PYTORCH_WEIGHTS, bytes: weights, mediaType: 'application/octet-stream' },
      jsonArtifact('metadata.json', metadata),
    ];
  },
};

/** The text of `model.py`. Names from outside stand in it as literals only, never in a comment. */
function pytorchFile(trained: TrainedNetwork): string {
  const network = buildNetwork(trained.architecture);
  const { source, maps } = networkSource(network, trained);
  const { classes, ...known } = exportMetadata(trained, 'NCHW');
  return `"""${intro(trained, maps)}"""

${source}

${FUNCTIONS(network.classes)}

METADATA = ${pythonLiteral(known as unknown as Literal)}

CLASSES = ${pythonLiteral(classes)}
`;
}

function intro({ architecture, versions, mean, deviation }: TrainedNetwork, maps: readonly BackboneMap[]) {
  const [height, width, channels] = architecture.input;
  const given = maps.map(
    ({ name, stride, channels: of }) => `${name.toUpperCase()} (stride ${stride}, ${of} channels)`,
  );
  return `A convolutional network, written by platform-nas ${versions['platform-nas'] ?? ''}.

    model = create_model(weights="model.safetensors").eval()
    logits = model(images)  # images: float32 (N, ${channels}, ${height}, ${width})

    backbone = create_model(features_only=True, weights="model.safetensors")
    maps = backbone(images)  # ${given.join(', ')}

Pictures enter as (pixel / 255 - mean) / deviation, per channel:
mean ${pythonLiteral(mean)}, deviation ${pythonLiteral(deviation)}.
Made for ${height}x${width}; the convolutions take any size. Padding is ${architecture.padding === 'symmetric' ? 'symmetric' : "TensorFlow's SAME"}.

${wrapped(formatArchitecture(architecture), 98).join('\n')}
`;
}

function wrapped(text: string, width: number): readonly string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

const FUNCTIONS = (classes: number) => `def load_weights(model: nn.Module, path: str) -> None:
    """Loads model.safetensors. A backbone has no head; with another number of classes the classifier stays new."""
    from safetensors.torch import load_file

    own = model.state_dict()
    weights = {name: value for name, value in load_file(path).items() if name in own}
    for name in ("classifier.weight", "classifier.bias"):
        if name in own and own[name].shape != weights[name].shape:
            del weights[name]
    missing, _ = model.load_state_dict(weights, strict=False)
    missing = [name for name in missing if not name.startswith("classifier.")]
    if missing:
        raise ValueError(f"{path} has no {missing[0]}")


def create_model(
    features_only: bool = False, num_classes: int = ${classes}, weights: Optional[str] = None
) -> nn.Module:
    """The network, or with features_only its backbone, which gives the list of feature maps."""
    model = Backbone() if features_only else Network(num_classes)
    if weights is not None:
        load_weights(model, weights)
    return model
`;
