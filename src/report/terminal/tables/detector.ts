import { formatCount, formatMs } from '../../../core/index.js';
import type {
  DetectorDescription,
  DetectorLatency,
  DetectorPart,
  PartLatency,
} from '../../../detector/index.js';
import { line, type Style } from '../style.js';
import { neutral } from '../text.js';
import { table, type Column } from './table.js';

const COLUMNS: readonly Column<DetectorPart>[] = [
  { title: 'part', value: ({ name }) => name },
  { title: 'params', value: ({ params }) => params },
  { title: 'GFLOPs', value: ({ gflops }) => gflops.toFixed(2), align: 'right' },
  { title: 'thop 2.0', value: ({ gflopsThop20 }) => gflopsThop20.toFixed(2), align: 'right', optional: 1 },
];

/** Lines that fit into 80 columns. */
const COUNT = [
  "GFLOPs are Ultralytics' count: ultralytics-thop 2.2, and 2.0, by which most older",
  'figures are and which leaves attention out. Twice the multiply-adds, normalisation as',
  'in training; without biases, activations, additions, means and sampling.',
] as const;

/** `nas detector`: parameters and GFLOPs by part. */
export function detectorTable(detector: DetectorDescription, style: Style): string {
  const { name, input, classes, hidden, decoderLayers, features, params, gflops, parts } = detector;
  const maps = features.map(
    ({ level, channels, height, width }) => `C${level} ${height}×${width}×${channels}`,
  );
  const sizes = `${input.join('×')} input, ${classes} ${classes === 1 ? 'class' : 'classes'}`;
  return [
    line([[`RT-DETR with ${neutral(name)}`, 'title']], style),
    line([`${sizes}, hidden size ${hidden}, ${decoderLayers} decoder layers`], style),
    line([maps.join(', ')], style),
    line([`${formatCount(params)} parameters (${params}), ${gflops.toFixed(1)} GFLOPs`], style),
    '',
    table([...parts, { ...detector, name: 'total' }], COLUMNS, style),
    ...(detector.latency === undefined ? [] : ['', ...latencyLines(detector.latency, style)]),
    '',
    ...COUNT.map((text) => line([[text, 'quiet']], style)),
  ].join('\n');
}

function latencyLines(latency: DetectorLatency, style: Style): readonly string[] {
  const { platform, version, device, threads, backbone, detector } = latency;
  const of = (name: string, { medianMs, madMs, runs }: PartLatency) =>
    line([`${name} ${formatMs(medianMs)} ± ${formatMs(madMs)} (median of ${runs} runs)`], style);
  return [
    of('latency of the detector', detector),
    of('latency of the backbone', backbone),
    line(
      [
        [
          `${platform} ${version}, ${threads === 1 ? '1 thread' : `${threads} threads`}, ${neutral(device)}`,
          'quiet',
        ],
      ],
      style,
    ),
  ];
}
