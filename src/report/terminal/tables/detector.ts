import { formatCount } from '../../../core/index.js';
import type { DetectorDescription, DetectorPart } from '../../../detector/index.js';
import { line, type Style } from '../style.js';
import { neutral } from '../text.js';
import { table, type Column } from './table.js';

const COLUMNS: readonly Column<DetectorPart>[] = [
  { title: 'part', value: ({ name }) => name },
  { title: 'params', value: ({ params }) => params },
  { title: 'GFLOPs', value: ({ gflops }) => gflops.toFixed(2), align: 'right' },
  { title: 'thop 2.0', value: ({ gflopsThop20 }) => gflopsThop20.toFixed(2), align: 'right', optional: 1 },
];

const NOT_COUNTED =
  "GFLOPs by Ultralytics' count (ultralytics-thop 2.2; 2.0, which older figures are by, leaves attention out): twice the" +
  ' multiply-adds, normalisation as it is trained; not counted: biases, activations, additions, the means of' +
  ' squeeze-and-excite, sampling and softmax of deformable attention';

/** `nas detector`: parameters and GFLOPs by part. */
export function detectorTable(detector: DetectorDescription, style: Style): string {
  const { name, input, classes, hidden, decoderLayers, features, params, gflops, parts } = detector;
  const maps = features.map(
    ({ level, channels, height, width }) => `C${level} ${height}×${width}×${channels}`,
  );
  return [
    line([[`RT-DETR with ${neutral(name)}`, 'title']], style),
    line(
      [
        `${input.join('×')} input, ${classes} classes, hidden size ${hidden}, ${decoderLayers} decoder layers; ${maps.join(', ')}`,
      ],
      style,
    ),
    line([`${formatCount(params)} parameters (${params}), ${gflops.toFixed(1)} GFLOPs`], style),
    '',
    table([...parts, { ...detector, name: 'total' }], COLUMNS, style),
    '',
    line([[NOT_COUNTED, 'quiet']], style),
  ].join('\n');
}
