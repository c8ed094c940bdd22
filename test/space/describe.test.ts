import { describe, expect, it } from 'vitest';
import { describeArchitecture, parseArchitecture, presetArchitecture } from '../../src/space/index.js';
import { expectGolden } from '../golden.js';

describe('describeArchitecture', () => {
  it('is the data of `nas arch --json`', () => {
    const text = 'nas1:9x9x3 cn_k3_s2_c4_re gap fc_c10_id';
    expect(describeArchitecture(parseArchitecture(text), 'tiny')).toEqual({
      name: 'tiny',
      text,
      input: [9, 9, 3],
      classes: 10,
      params: 166,
      madds: 2740,
      layers: [
        {
          name: '0.conv',
          op: 'conv',
          in: [9, 9, 3],
          out: [5, 5, 4],
          kernel: 3,
          stride: 2,
          groups: 1,
          params: 116,
          madds: 2700,
        },
        {
          name: '1.pool',
          op: 'gap',
          in: [5, 5, 4],
          out: [1, 1, 4],
          kernel: 1,
          stride: 1,
          groups: 1,
          params: 0,
          madds: 0,
        },
        {
          name: '2.dense',
          op: 'dense',
          in: [1, 1, 4],
          out: [1, 1, 10],
          kernel: 1,
          stride: 1,
          groups: 1,
          params: 50,
          madds: 40,
        },
      ],
    });
    expect(describeArchitecture(parseArchitecture(text)).name).toBe(text);
  });

  it('keeps MobileNetV3-Large at 28×28 unchanged', () => {
    const large = presetArchitecture('mobilenet_v3_large', { input: [28, 28, 1], classes: 10 });
    const { layers, ...totals } = describeArchitecture(large, 'mobilenet_v3_large');
    const rows = layers.map((row) =>
      [
        row.name,
        row.op,
        row.in.join('x'),
        row.out.join('x'),
        row.kernel,
        row.stride,
        row.groups,
        row.params,
        row.madds,
      ].join(' '),
    );
    expectGolden('space/fixtures/mobilenet_v3_large-28.txt', [JSON.stringify(totals), ...rows].join('\n'));
  });
});
