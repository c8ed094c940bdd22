import { LEVELS, type Backbone, type Feature } from './backbone.js';
import { convolution, type DetectorLayer } from './layer.js';

/** A stage's blocks: width inside, width of the result, kernel, convolutions per block, and how many blocks. */
interface Stage {
  readonly inner: number;
  readonly channels: number;
  readonly kernel: number;
  readonly light: boolean;
  readonly blocks: number;
}

const CONVOLUTIONS = 6;
const STEM = { inner: 32, channels: 48 } as const;
const STAGES: readonly Stage[] = [
  { inner: 48, channels: 128, kernel: 3, light: false, blocks: 1 },
  { inner: 96, channels: 512, kernel: 3, light: false, blocks: 1 },
  { inner: 192, channels: 1024, kernel: 5, light: true, blocks: 3 },
  { inner: 384, channels: 2048, kernel: 5, light: true, blocks: 1 },
];

export const RTDETR_L = 'rtdetr-l';

/**
 * HGNetv2-L, the backbone of RT-DETR-L (arXiv 2304.08069; PaddleDetection's `hgnet_v2.py`, Ultralytics' `rtdetr-l.yaml`) for
 * pictures of height × width × 3, both multiples of 32, up to the last of the maps at the levels.
 */
export function hgnetL([height, width]: readonly [number, number], levels = LEVELS): Backbone {
  const at = (stride: number) => (height / stride) * (width / stride);
  const layers: DetectorLayer[] = [...stem(at(2), at(4))];
  const features: Feature[] = [];
  let inputs: number = STEM.channels;
  for (const [index, stage] of STAGES.entries()) {
    if (levels.every((level) => level < index + 2)) break;
    const stride = 4 * 2 ** index;
    const name = `stage${index + 1}`;
    if (index > 0)
      layers.push(convolution(`${name}.down`, inputs, inputs, at(stride), { kernel: 3, groups: inputs }));
    for (let block = 0; block < stage.blocks; block++) {
      layers.push(...hgBlock(`${name}.${block}`, stage, inputs, at(stride)));
      inputs = stage.channels;
    }
    if (levels.includes(index + 2))
      features.push({
        ...{ level: index + 2, stride, channels: inputs },
        ...{ height: height / stride, width: width / stride },
      });
  }
  return { name: RTDETR_L, layers, features };
}

function stem(half: number, quarter: number): readonly DetectorLayer[] {
  const { inner, channels } = STEM;
  return [
    convolution('stem.1', 3, inner, half, { kernel: 3 }),
    convolution('stem.2a', inner, inner / 2, half, { kernel: 2 }),
    convolution('stem.2b', inner / 2, inner, half, { kernel: 2 }),
    convolution('stem.3', 2 * inner, inner, quarter, { kernel: 3 }),
    convolution('stem.4', inner, channels, quarter),
  ];
}

/** Convolutions in a row, all their results concatenated with the input, squeezed to half the width, then widened. */
function hgBlock(name: string, stage: Stage, inputs: number, positions: number): readonly DetectorLayer[] {
  const { inner, channels, kernel, light } = stage;
  const row = Array.from({ length: CONVOLUTIONS }, (_, i) => {
    const before = i === 0 ? inputs : inner;
    if (!light) return [convolution(`${name}.${i}`, before, inner, positions, { kernel })];
    return [
      convolution(`${name}.${i}.pointwise`, before, inner, positions),
      convolution(`${name}.${i}.depthwise`, inner, inner, positions, { kernel, groups: inner }),
    ];
  });
  return [
    ...row.flat(),
    convolution(`${name}.squeeze`, inputs + CONVOLUTIONS * inner, channels / 2, positions),
    convolution(`${name}.excite`, channels / 2, channels, positions),
  ];
}
