import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/index.js';
import { fittingKey, keyOf, layersOfSegment, segmentOf, type Step } from '../../../src/latency/table/key.js';
import { emptyRunnable, runnableOf } from '../../../src/latency/table/network.js';
import { partsOf, segmentsOf } from '../../../src/latency/table/segments.js';
import { buildNetwork } from '../../../src/network/index.js';
import { layersOf, parseArchitecture, searchSpace, type Layer } from '../../../src/space/index.js';

const network = buildNetwork(
  parseArchitecture(
    'nas1:28x28x1 cn_k3_s1_c16_hs ds_k3_s1_c16_se8_re ir_k5_s2_e64_c24_se16sig_hs_skippool ir_k3_s1_e72_c24_re gap fc_c32_hs fc_c10_id',
  ),
);

const numbers = fc.oneof(
  fc.integer({ min: -1, max: 9 }),
  fc.constantFrom(0.5, 65_535, 65_536, 99_999, 100_000, 1e21),
);
const activation = fc.constantFrom('re', 'id' as const);
const stride = fc.constantFrom(1, 2);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op: fc.constant('conv' as const), kernel: numbers, stride, channels: numbers, activation }),
  fc.record({ op: fc.constant('dw' as const), kernel: numbers, stride, activation }),
  fc.record({ op: fc.constant('se' as const), channels: numbers, gate: fc.constantFrom('hsig', 'sig') }),
  fc.record({ op: fc.constant('dense' as const), channels: numbers, activation }),
  fc.record({ op: fc.constant('pooladd' as const), stride, channels: numbers }),
  fc.constantFrom({ op: 'gap' } as const, { op: 'add' } as const),
);

describe('keys', () => {
  it('are given to numbers and steps exactly where reading them gives a segment', () => {
    const input = fc.tuple(numbers, numbers, numbers);
    const steps = fc.array(anyStep, { maxLength: 17, size: 'max' });
    const few = fc.array(anyStep, { maxLength: 3 });
    fc.assert(
      fc.property(input, fc.oneof(few, steps), (shape, taken) => {
        const segment = { input: shape, steps: taken };
        const key = keyOf(segment);
        expect(fittingKey(segment)).toBe(segmentOf(key) === null ? null : key);
      }),
      { numRuns: 3000, seed: 7, examples: [[[8, 8, 3], [{ op: 'gap' }]]] },
    );
  });

  it('name the segments of a network as docs/formats.md says', () => {
    expect(segmentsOf(network)).toEqual([
      { whole: '28x28x1 conv3:16:hs', parts: ['28x28x1 conv3:16:hs'] },
      {
        whole: '28x28x16 dw3:re se:8:hsig conv1:16:id add',
        parts: ['28x28x16 dw3:re conv1:16:id', '28x28x16 se:8:hsig', '28x28x16 add'],
      },
      {
        whole: '28x28x16 conv1:64:hs dw5s2:hs se:16:sig conv1:24:id pooladds2:24',
        parts: ['28x28x16 conv1:64:hs dw5s2:hs conv1:24:id', '14x14x64 se:16:sig', '28x28x16 pooladds2:24'],
      },
      {
        whole: '14x14x24 conv1:72:re dw3:re conv1:24:id add',
        parts: ['14x14x24 conv1:72:re dw3:re conv1:24:id', '14x14x24 add'],
      },
      { whole: '14x14x24 gap', parts: ['14x14x24 gap'] },
      { whole: '1x1x24 dense:32:hs', parts: ['1x1x24 dense:32:hs'] },
      { whole: '1x1x32 dense:10:id', parts: ['1x1x32 dense:10:id'] },
    ]);
  });

  it('mean the segment that they were made of, in both grains, on random networks', () => {
    for (const name of ['mobilenetv3', 'mnasnet']) {
      const space = searchSpace(name, { input: [28, 28, 1], classes: 10 });
      const rng = createRng(name);
      for (let i = 0; i < 50; i++)
        for (const { whole, parts } of segmentsOf(buildNetwork(space.decode(space.sample(rng))))) {
          const segment = segmentOf(whole);
          if (segment === null) throw new Error(whole);
          expect(keyOf(segment)).toBe(whole);
          expect(partsOf(segment).map(keyOf)).toEqual(parts);
        }
    }
  });

  it('have together exactly the work of the network', () => {
    const total = (layers: readonly Layer[]) => ({
      madds: layers.reduce((sum, { madds }) => sum + madds, 0),
      params: layers.reduce((sum, { params }) => sum + params, 0),
    });
    const space = searchSpace('mobilenetv3', { input: [28, 28, 1], classes: 10 });
    const rng = createRng('work');
    for (let i = 0; i < 50; i++) {
      const architecture = space.decode(space.sample(rng));
      const blocks = segmentsOf(buildNetwork(architecture));
      const layersOfKeys = (keys: readonly string[]) =>
        keys.flatMap((key) => layersOfSegment(segmentOf(key) ?? { input: [1, 1, 1], steps: [] }));
      expect(total(layersOfKeys(blocks.map(({ whole }) => whole)))).toEqual(total(layersOf(architecture)));
      expect(total(layersOfKeys(blocks.flatMap(({ parts }) => parts)))).toEqual(
        total(layersOf(architecture)),
      );
    }
  });

  it('lower as the space lowers: the same operations, shapes and activations', () => {
    const plain = ({
      op,
      in: read,
      out,
      kernel,
      stride,
      groups,
      bias,
      norm,
      activation,
      params,
      madds,
    }: Layer) => ({ op, read, out, kernel, stride, groups, bias, norm, activation, params, madds });
    const sorted = (layers: readonly Layer[]) => layers.map((layer) => JSON.stringify(plain(layer))).sort();
    const segments = segmentsOf(network).flatMap(({ whole }) =>
      layersOfSegment(segmentOf(whole) ?? { input: [1, 1, 1], steps: [] }),
    );
    expect(sorted(segments)).toEqual(sorted(network.layers));
  });

  it.each([
    ['nothing', ''],
    ['no steps', '28x28x16'],
    ['no shape', 'conv3:16:hs'],
    ['a side of zero', '0x28x16 gap'],
    ['an even kernel', '28x28x16 conv2:16:hs'],
    ['an unknown activation', '28x28x16 conv3:16:xx'],
    ['an unknown step', '28x28x16 attention:4'],
    ['a dense layer on a map', '28x28x16 dense:10:id'],
    ['a sum of other shapes', '28x28x16 conv1:24:id add'],
    ['a sum in the middle', '28x28x16 add gap'],
    ['a pooled sum that narrows', '28x28x16 pooladd:8'],
    ['a stride that is not there', '28x28x16 conv3s3:16:re'],
    ['two blanks', '28x28x16  gap'],
    ['a number that is none', '28x28x1e3 gap'],
    ['a width beyond all bounds', '28x28x16 conv1:99999:re'],
    ['too many steps', `28x28x16 ${'gap '.repeat(20).trim()}`],
  ])('are refused: %s', (_, key) => {
    expect(segmentOf(key)).toBeNull();
  });

  it('of any text are a segment with that very key, or none', () => {
    const token = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '28x28x16',
        'conv3:16:hs',
        'dw3s2:re',
        'se:8:hsig',
        'gap',
        'dense:5:id',
        'add',
        'pooladds2:24',
      ),
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 5 }), (tokens) => {
        const key = tokens.join(' ');
        const segment = segmentOf(key);
        if (segment !== null) expect(keyOf(segment)).toBe(key);
      }),
    );
  });
});

describe('a segment as a network', () => {
  it('reads the input and has weights for all its layers', () => {
    const { network: own, weights } = runnableOf('28x28x16 conv1:64:hs dw5s2:hs conv1:24:id');
    expect(own.input).toEqual([28, 28, 16]);
    expect(own.layers.map(({ op, from }) => [op, from])).toEqual([
      ['conv', ['input']],
      ['dwconv', ['0.conv']],
      ['conv', ['1.dw']],
    ]);
    expect([...weights.keys()].sort()).toEqual(own.parameters.map(({ name }) => name).sort());
  });

  it('puts the pooling of the empty network before a dense layer', () => {
    expect(runnableOf('1x1x24 dense:32:hs').network.layers.map(({ op }) => op)).toEqual(['gap', 'dense']);
    expect(emptyRunnable().network.layers.map(({ op }) => op)).toEqual(['gap']);
  });

  it('adds a pooled skip to itself where it stands alone', () => {
    const { network: own } = runnableOf('28x28x16 pooladds2:24');
    expect(own.layers.map(({ op, from, out }) => [op, from, out])).toEqual([
      ['avgpool', ['input'], [14, 14, 16]],
      ['pad', ['0.pool'], [14, 14, 24]],
      ['add', ['0.pad', '0.pad'], [14, 14, 24]],
    ]);
  });
});
