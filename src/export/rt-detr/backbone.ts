import { NasError } from '../../core/index.js';
import { buildNetwork, encodeTensors } from '../../network/index.js';
import { digestOf, formatArchitecture } from '../../space/index.js';
import { jsonArtifact } from '../artifacts.js';
import { assertTrained, type Artifact, type TrainedNetwork } from '../exporter.js';
import { exportMetadata } from '../metadata.js';
import { pythonLiteral } from '../pytorch/python.js';
import { backboneSource, type BackboneMap } from '../pytorch/source.js';
import { stateDict } from '../pytorch/state-dict.js';

/** A backbone for a detector in Python. */
export interface DetectorBackbone {
  /** Name of its class, of no other network's: registries hold a name once. */
  readonly className: string;
  /** Name of its module, likewise. */
  readonly module: string;
  /** One to three maps at strides 8, 16 and 32. */
  readonly maps: readonly BackboneMap[];
  /** Python up to the class `Backbone`, which the class of the format extends. */
  readonly source: string;
  /** Python: the text form as lines of a comment, what pictures are brought to, and how the weights are read. */
  readonly helpers: string;
  /** Weights and metadata. */
  readonly artifacts: readonly Artifact[];
}

/**
 * What every detector's format has in common.
 * @throws NasError `NAS_NO_FEATURE` for a network that never comes to stride 8, `NAS_BAD_DETECTOR_CHANNELS` for pictures that
 *   are neither colour nor grey
 */
export function detectorBackbone(trained: TrainedNetwork): DetectorBackbone {
  assertTrained(trained);
  const { architecture, mean, deviation, weights } = trained;
  const network = buildNetwork(architecture);
  const channels = network.input[2];
  if (channels !== 1 && channels !== 3)
    throw new NasError({
      code: 'NAS_BAD_DETECTOR_CHANNELS',
      found: `pictures of ${channels} channels`,
      expected: 'colour (3) or grey (1), as detectors read',
    });
  const { source, maps } = backboneSource(network, trained);
  if (maps.every(({ stride }) => stride < 8 || stride > 32))
    throw new NasError({
      code: 'NAS_NO_FEATURE',
      found: 'no c3, c4 or c5: no result at stride 8, 16 or 32',
      expected: 'a network with at least one of them',
      fix: 'search with larger pictures; small ones are halved less often (docs/formats.md)',
    });
  const id = digestOf(architecture).slice(0, 8);
  const module = `nas_backbone_${id}`;
  const metadata = exportMetadata(trained, 'NCHW');
  const named = stateDict(network, weights).filter(({ name }) => name.startsWith('blocks.'));
  return {
    className: `NasBackbone_${id}`,
    module,
    maps,
    source,
    helpers: helpers({ mean, deviation, module, channels }),
    artifacts: [
      {
        path: `${module}.safetensors`,
        bytes: encodeTensors(named, () => ({ format: 'pt', architecture: formatArchitecture(architecture) })),
        mediaType: 'application/octet-stream',
      },
      jsonArtifact('metadata.json', metadata),
    ],
  };
}

/** Detectors give RGB from 0 to 1; the backbone was trained on pictures that were normalised, and perhaps grey. */
function helpers(of: {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly module: string;
  readonly channels: number;
}): string {
  const grey = of.channels === 1 ? '    if x.shape[1] == 3:\n        x = x.mean(1, keepdim=True)\n' : '';
  return `MEAN, DEVIATION = ${pythonLiteral(of.mean)}, ${pythonLiteral(of.deviation)}
WEIGHTS = Path(__file__).with_name("${of.module}.safetensors")


def normalised(x: Tensor) -> Tensor:
    """RGB from 0 to 1, as detectors give it, to what the backbone was trained on."""
${grey}    return (x - x.new_tensor(MEAN).view(1, -1, 1, 1)) / x.new_tensor(DEVIATION).view(1, -1, 1, 1)


def load_weights(backbone: nn.Module) -> None:
    """Loads the weights that lie next to this file."""
    from safetensors.torch import load_file

    own = backbone.state_dict()
    weights = {name: value for name, value in load_file(str(WEIGHTS)).items() if name in own}
    missing, _ = backbone.load_state_dict(weights, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing:
        raise ValueError(f"{WEIGHTS} has no {missing[0]}")
`;
}
