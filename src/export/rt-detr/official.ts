import { DEFAULT_SIZES } from '../../detector/index.js';
import type { Exporter } from '../exporter.js';
import type { BackboneMap } from '../pytorch/source.js';
import { textArtifact } from '../artifacts.js';
import { detectorBackbone, type DetectorBackbone } from './backbone.js';

/** A repository whose backbones are registered by `register` and configured by YAML. */
interface Repository {
  readonly format: string;
  readonly title: string;
  /** Python package of its sources, and the folder of its backbones. */
  readonly root: string;
  readonly backbones: string;
  /** Key of the whole detector. */
  readonly detector: string;
  readonly configurations: readonly Configuration[];
}

interface Configuration {
  /** What its file's name begins with. */
  readonly name: string;
  /** Where it belongs, and the configuration there that it changes. */
  readonly folder: string;
  readonly base: string;
  readonly decoder: string;
  /** Learning rate of the base, which the backbone gets as well, and weight decay. */
  readonly rate: string;
  readonly decay: string;
}

const RTDETR = { rate: '0.0001', decay: '0.0001' } as const;
const DFINE = { decoder: 'DFINETransformer', decay: '0.000125' } as const;

const REPOSITORIES: readonly Repository[] = [
  {
    ...{ format: 'rtdetr', title: 'RT-DETR v1 and v2', root: 'src', backbones: 'src/nn/backbone' },
    detector: 'RTDETR',
    configurations: [
      {
        ...{ ...RTDETR, name: 'rtdetrv2', folder: 'configs/rtdetrv2', decoder: 'RTDETRTransformerv2' },
        base: 'rtdetrv2_r50vd_6x_coco.yml',
      },
      {
        ...{ ...RTDETR, name: 'rtdetr', folder: 'configs/rtdetr', decoder: 'RTDETRTransformer' },
        base: 'rtdetr_r50vd_6x_coco.yml',
      },
    ],
  },
  {
    ...{ format: 'dfine', title: 'D-FINE', root: 'src', backbones: 'src/nn/backbone', detector: 'DFINE' },
    configurations: [
      {
        ...{ ...DFINE, name: 'dfine', folder: 'configs/dfine', rate: '0.00025' },
        base: 'dfine_hgnetv2_l_coco.yml',
      },
    ],
  },
  {
    ...{ format: 'deim', title: 'DEIM', root: 'engine', backbones: 'engine/backbone', detector: 'DEIM' },
    configurations: [
      {
        ...{ ...DFINE, name: 'deim', folder: 'configs/deim_dfine', rate: '0.0005' },
        base: 'deim_hgnetv2_l_coco.yml',
      },
    ],
  },
];

/**
 * The network as a backbone of RT-DETR's own repositories and its kin: a module for the folder of backbones, a
 * configuration, weights and `metadata.json`.
 */
export const officialExporters: readonly Exporter[] = REPOSITORIES.map((repository) => ({
  format: repository.format,
  export(trained) {
    const backbone = detectorBackbone(trained);
    const { module, artifacts } = backbone;
    return [
      textArtifact(`${module}.py`, moduleText(repository, backbone), 'text/x-python'),
      ...repository.configurations.map((each) =>
        textArtifact(fileOf(each, module), configurationText(repository, each, backbone), 'application/yaml'),
      ),
      ...artifacts,
    ];
  },
}));

/** Maps that the published configurations have. */
const PUBLISHED_MAPS = 3;
const SIZE = '[640, 640]';

const fileOf = ({ name }: Configuration, module: string) => `${name}_${module}.yml`;

function configurationText(
  { detector }: Repository,
  { folder, base, decoder, rate, decay }: Configuration,
  { className, maps, module }: DetectorBackbone,
): string {
  const list = (of: (map: BackboneMap) => number) => `[${maps.map(of).join(', ')}]`;
  const strides = list(({ stride }) => stride);
  const points = maps.length === PUBLISHED_MAPS ? '' : `  num_points: ${list(() => DEFAULT_SIZES.points)}\n`;
  return `# Copy to ${folder}/.
__include__: ['${base}']

output_dir: ./output/${module}
eval_spatial_size: ${SIZE}

${detector}:
  backbone: ${className}

${className}:
  return_idx: ${list((map) => maps.indexOf(map))}
  pretrained: True
  freeze_at: -1
  freeze_norm: False

HybridEncoder:
  in_channels: ${list(({ channels }) => channels)}
  feat_strides: ${strides}
  use_encoder_idx: [${maps.length - 1}]
  eval_spatial_size: ${SIZE}

${decoder}:
  feat_channels: ${list(() => DEFAULT_SIZES.hidden)}
  feat_strides: ${strides}
  num_levels: ${maps.length}
  eval_spatial_size: ${SIZE}
${points}
# The backbone learns as fast as the rest: it has seen no ImageNet.
optimizer:
  type: AdamW
  params:
    - params: '^(?=.*(?:norm|bn)).*$'
      weight_decay: 0.
  lr: ${rate}
  betas: [0.9, 0.999]
  weight_decay: ${decay}
`;
}

function moduleText(repository: Repository, backbone: DetectorBackbone): string {
  const { source, helpers, className, module, maps } = backbone;
  const names = maps.map(({ name }) => name.toUpperCase()).join(', ');
  const indices = maps.map((_, i) => i).join(', ');
  const places = repository.configurations.map((each) => `${each.folder}/${fileOf(each, module)}`);
  return `"""A backbone for ${repository.title}, written by platform-nas.

Copy this file and ${module}.safetensors to ${repository.backbones}/ and add to __init__.py there

    from .${module} import ${className}

Then train with the configuration: ${places.join(', or ')}.
"""

${source.replace('import torch\n', 'from pathlib import Path\n\nimport torch\n')}

${helpers}

class ${className}(Backbone):
    """RGB from 0 to 1 to those of [${names}] that return_idx names.

    freeze_at: the last block that is not trained, -1 for none. freeze_norm: keep the averages, scales and offsets of
    batch normalisation as they are.
    """

    # Plain arguments with defaults: the registry reads no others.
    def __init__(self, return_idx=[${indices}], pretrained=True, freeze_at=-1, freeze_norm=False):
        super().__init__(return_idx)
        if pretrained:
            load_weights(self)
        self.freeze_norm = freeze_norm
        for index, block in enumerate(self.blocks):
            norms = [module for module in block.modules() if isinstance(module, nn.BatchNorm2d)]
            for part in [block] if index <= freeze_at else norms if freeze_norm else []:
                for parameter in part.parameters():
                    parameter.requires_grad_(False)

    def train(self, mode: bool = True):
        super().train(mode)
        for module in self.modules():
            if self.freeze_norm and isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def forward(self, x: Tensor) -> List[Tensor]:
        return super().forward(normalised(x))


from ${repository.root}.core import register  # noqa: E402

try:
    register()(${className})
except TypeError:  # RT-DETR v1 registers the class itself
    register(${className})
`;
}
