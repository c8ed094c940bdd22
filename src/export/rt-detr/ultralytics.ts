import { DEFAULT_SIZES } from '../../detector/index.js';
import type { Exporter } from '../exporter.js';
import { textArtifact } from '../artifacts.js';
import { detectorBackbone, type DetectorBackbone } from './backbone.js';
import { rowsOf } from './rows.js';

/**
 * RT-DETR with the network as its backbone for Ultralytics: a module that makes the backbone known to it, the detector as
 * YAML, the backbone's weights and `metadata.json`.
 */
export const ultralyticsExporter: Exporter = {
  format: 'ultralytics',
  export(trained) {
    const backbone = detectorBackbone(trained);
    const { module, artifacts } = backbone;
    return [
      textArtifact(`${module}.py`, moduleText(backbone), 'text/x-python'),
      textArtifact(yamlName(module), yamlText(backbone), 'application/yaml'),
      ...artifacts,
    ];
  },
};

const yamlName = (module: string) => `rtdetr_${module}.yaml`;

function yamlText({ className, module, maps }: DetectorBackbone): string {
  const { backbone, head } = rowsOf(className, maps, DEFAULT_SIZES);
  const rows = (list: readonly unknown[]) =>
    list.map((row) => `  - ${JSON.stringify(row).replaceAll(',', ', ')}\n`).join('');
  return `# RT-DETR around ${className}; "import ${module}" first.
# The decoder's row: classes, hidden size, queries, points, heads, layers, width of the perceptrons. The backbone's: [false]
# for random weights.
nc: ${DEFAULT_SIZES.classes}
backbone:
${rows(backbone)}head:
${rows(head)}`;
}

function moduleText({ source, helpers, className, module, maps }: DetectorBackbone): string {
  const names = maps.map(({ name }) => name.toUpperCase()).join(', ');
  return `"""A backbone for Ultralytics' RT-DETR, written by platform-nas.

    import ${module} as nas

    model = nas.Detector()  # RTDETR("${yamlName(module)}") with the trainer below
    model.train(data="coco8.yaml", imgsz=640)

Importing this module makes ${className} known to Ultralytics, so RTDETR("….yaml") and RTDETR("….pt") work behind it.
Trainer turns amp off unless it is asked for (Ultralytics' RT-DETR may become NaN with it), and is pickled by its module's name:
every process of a multi-GPU training imports this module before it builds the model. With Ultralytics' own trainer, train
on one GPU.
"""

${source.replace('import torch\n', 'from pathlib import Path\n\nimport torch\n')}

${helpers}

class ${className}(Backbone):
    """RGB from 0 to 1 to [${names}]."""

    def __init__(self, pretrained: bool = True):
        super().__init__()
        if pretrained and WEIGHTS.exists():
            load_weights(self)

    def forward(self, x: Tensor) -> List[Tensor]:
        return super().forward(normalised(x))


from ultralytics import RTDETR  # noqa: E402
from ultralytics.models.rtdetr.train import RTDETRTrainer  # noqa: E402
from ultralytics.nn import tasks  # noqa: E402
from ultralytics.utils import DEFAULT_CFG  # noqa: E402

tasks.${className} = ${className}


class Trainer(RTDETRTrainer):
    def __init__(self, cfg=DEFAULT_CFG, overrides=None, _callbacks=None):
        super().__init__(cfg, {"amp": False, **(overrides or {})}, _callbacks)


class Detector(RTDETR):
    def __init__(self, model=str(Path(__file__).with_name("${yamlName(module)}"))):
        super().__init__(model)

    @property
    def task_map(self):
        return {"detect": {**super().task_map["detect"], "trainer": Trainer}}
`;
}
