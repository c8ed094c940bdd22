import { unknownName } from '../core/index.js';
import { jsonExporter } from './architecture-json.js';
import type { Exporter } from './exporter.js';
import { kerasExporter } from './keras/exporter.js';
import { onnxExporter } from './onnx/exporter.js';
import { pytorchExporter } from './pytorch/exporter.js';
import { officialExporters } from './rt-detr/official.js';
import { ultralyticsExporter } from './rt-detr/ultralytics.js';
import { savedModelExporter } from './savedmodel/exporter.js';
import { tfjsExporter } from './tfjs/exporter.js';

/** All formats. */
export const exporters: readonly Exporter[] = [
  jsonExporter,
  tfjsExporter,
  onnxExporter(),
  pytorchExporter,
  ultralyticsExporter,
  ...officialExporters,
  savedModelExporter,
  kerasExporter,
];

/** The exporter of a format. @throws NasError `NAS_UNKNOWN_FORMAT` with the formats there are */
export function exporterFor(format: string): Exporter {
  const exporter = exporters.find((candidate) => candidate.format === format);
  if (exporter) return exporter;
  const formats = exporters.map((candidate) => candidate.format);
  throw unknownName('export format', format, formats, 'NAS_UNKNOWN_FORMAT');
}
