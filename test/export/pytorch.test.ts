import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backboneSource, exporterFor, stateDict, type TrainedNetwork } from '../../src/export/index.js';
import { pythonLiteral } from '../../src/export/pytorch/python.js';
import { buildNetwork, initialWeights, parseHeader } from '../../src/network/index.js';
import { createRng } from '../../src/core/index.js';
import {
  layersOf,
  parseArchitecture,
  presetArchitecture,
  presetNames,
  searchSpace,
  spaceNames,
  type Architecture,
} from '../../src/space/index.js';
import { expectGolden } from '../golden.js';
import { everyOperation, smallArchitecture } from '../network/samples.js';
import { architectures } from '../space/arbitrary.js';
import { sampleOf } from './samples.js';

const task = { input: [224, 224, 3], classes: 10 } as const;

function written(sample: TrainedNetwork): ReadonlyMap<string, Uint8Array> {
  return new Map(
    exporterFor('pytorch')
      .export(sample)
      .map(({ path, bytes }) => [path, bytes]),
  );
}

function python(sample: TrainedNetwork): string {
  return new TextDecoder().decode(written(sample).get('model.py'));
}

/** The lines of make_blocks() with what they make. */
function blockLines(source: string): readonly string[] {
  const body = /def make_blocks\(\)[^\n]*\n {4}return \[\n(.*?) {4}\]\n/s.exec(source)?.[1] ?? '';
  return body.split('\n').filter((line) => line !== '');
}

/** A module is defined exactly where it is used, blocks stand in a line each, and the state dict holds every number once. */
function expectComplete(architecture: Architecture): void {
  const network = buildNetwork(architecture);
  const { source } = backboneSource(network, { epsilon: 1e-3 });
  const defined = [...source.matchAll(/^class (\w+)\(/gm)].map(([, name = '']) => name);
  const used = new Set([...source.matchAll(/(?<![.\w])([A-Z]\w*[a-z]\w*)\(/g)].map(([, name = '']) => name));
  expect([...defined].sort()).toEqual([...used].sort());
  const spatial = architecture.blocks.findIndex(({ kind }) => kind === 'gap');
  expect(blockLines(source)).toHaveLength(spatial);
  const tensors = stateDict(network, initialWeights(network, createRng('state dict')));
  expect(new Set(tensors.map(({ name }) => name)).size).toBe(network.parameters.length);
  for (const { name, shape, values } of tensors) {
    expect(
      shape.reduce((product, side) => product * side, 1),
      name,
    ).toBe(values.length);
    expect(name).toMatch(
      /^(blocks\.\d+|head\.\d+|classifier)(\.\w+)*\.(weight|bias|running_mean|running_var)$/,
    );
    if (/running|bn/.test(name)) expect(name).toMatch(/\.bn\.\w+$/);
  }
  const count = tensors
    .filter(({ name }) => !name.includes('running'))
    .reduce((sum, t) => sum + t.values.length, 0);
  expect(count).toBe(layersOf(architecture).reduce((sum, { params }) => sum + params, 0));
}

const large: Architecture = { ...everyOperation, input: [64, 64, 2] };

describe('a PyTorch module', () => {
  it.each([
    ['everything', large],
    ['mobilenet_v3_small', presetArchitecture('mobilenet_v3_small', task)],
  ])('is as in the golden file for %s', (name, architecture) => {
    expectGolden(`export/golden/pytorch-${name}.py`, python(sampleOf(architecture)));
  });

  it.each(presetNames)('is complete for %s', (name) => {
    expectComplete(presetArchitecture(name, task));
  });

  it.each(spaceNames)('is complete for any network of the space %s', (name) => {
    const space = searchSpace(name, { input: [32, 32, 3], classes: 10 });
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const rng = createRng(seed);
        expectComplete(space.decode(space.choices.map(({ options }) => rng.integer(options.length))));
      }),
      { numRuns: 10 },
    );
  });

  it('is complete for any other architecture', () => {
    fc.assert(fc.property(fc.oneof(smallArchitecture, architectures()), expectComplete), { numRuns: 100 });
  });

  it('gives the maps at strides 8, 16 and 32 that there are, else the last one', () => {
    const maps = (blocks: string) =>
      backboneSource(buildNetwork(parseArchitecture(`nas1:64x64x3 ${blocks} gap fc_c2_id`)), {
        epsilon: 1e-3,
      }).maps;
    const halved = (times: number) =>
      Array.from({ length: times }, (_, i) => `cn_k3_s2_c${i + 4}_re`).join(' ');
    expect(maps(`${halved(5)} cn_k1_s1_c20_re`)).toEqual([
      { name: 'c3', stride: 8, channels: 6, block: 2 },
      { name: 'c4', stride: 16, channels: 7, block: 3 },
      { name: 'c5', stride: 32, channels: 20, block: 5 },
    ]);
    expect(maps(halved(3)).map(({ name }) => name)).toEqual(['c3']);
    expect(maps(halved(2))).toEqual([{ name: 'last', stride: 4, channels: 5, block: 1 }]);
    expect(maps('cn_k1_s1_c9_re')).toEqual([{ name: 'last', stride: 1, channels: 9, block: 0 }]);
  });

  it('takes a class name, and none that is not one', () => {
    const network = buildNetwork(everyOperation);
    const named = backboneSource(network, { epsilon: 1e-3, className: 'NasBackbone_17' }).source;
    expect(named).toContain('\nclass NasBackbone_17(nn.Module):\n');
    for (const className of ['', 'net', 'A B', 'A:\n  x', 'None', 'A(object)'])
      expect(() => backboneSource(network, { epsilon: 1e-3, className })).toThrow(RangeError);
  });

  it('carries the weights, and everything that is known about them', () => {
    const sample = sampleOf(everyOperation);
    const files = written(sample);
    expect([...files.keys()]).toEqual(['model.py', 'model.safetensors', 'metadata.json']);
    const { metadata, tensors } = parseHeader(files.get('model.safetensors')!);
    expect(metadata.get('format')).toBe('pt');
    expect(JSON.parse(metadata.get('origin')!)).toEqual({ study: 'demo', trial: 17 });
    expect(JSON.parse(metadata.get('classes')!)).toEqual(sample.classes);
    expect(tensors.get('blocks.2.se.reduce.weight')?.shape).toEqual([4, 12, 1, 1]);
    expect(tensors.get('head.0.bn.running_var')?.shape).toEqual([12]);
    expect(tensors.get('classifier.weight')?.shape).toEqual([5, 11]);
    const described = JSON.parse(new TextDecoder().decode(files.get('metadata.json'))) as object;
    expect(described).toMatchObject({
      preprocessing: { layout: 'NCHW', mean: sample.mean, deviation: sample.deviation },
      accuracy: { value: 0.9125, data: 'fashion-mnist', set: 'test' },
      latency: { medianMs: 1.75, source: 'measured', device: 'a CPU, 2 threads' },
    });
  });

  it('keeps hostile names inside of literals', () => {
    const hostile = [
      '"""\nimport os',
      "'''\r\nos.system('x')",
      '\\',
      '\\"',
      '\u2028raise',
      '\0\x7f',
      '\ud800',
      '\u202e#{x}',
    ];
    const classes = hostile.slice(0, 5);
    const [study = '', data = '', device = ''] = hostile.slice(5);
    const sample = sampleOf(everyOperation);
    const harmless = python(sample);
    const source = python({
      ...{ ...sample, classes, study, data },
      latency: { ...sample.latency!, device },
    });
    const upTo = (text: string) => text.slice(0, text.indexOf('\nMETADATA = '));
    expect(upTo(source)).toBe(upTo(harmless));
    expect(source.match(/[^\x20-\x7e\n]/)).toBeNull();
    expect(source.slice(source.indexOf('\nCLASSES = '))).toBe(
      '\nCLASSES = ["\\"\\"\\"\\nimport os", "\'\'\'\\r\\nos.system(\'x\')", "\\\\", "\\\\\\"", "\\u2028raise"]\n',
    );
  });
});

describe('literals of Python', () => {
  it('show what cannot be seen, and keep what can', () => {
    expect(pythonLiteral('Müller 😀 \u{e0001}\u200b')).toBe('"Müller 😀 \\U000e0001\\u200b"');
    expect(pythonLiteral([null, true, false, 1.5, Number.NaN, -Infinity])).toBe(
      '[None, True, False, 1.5, float("NaN"), float("-Infinity")]',
    );
    expect(pythonLiteral({ a: { b: [] } })).toBe('{"a": {"b": []}}');
  });

  it('are broken into lines that are not wide', () => {
    const text = pythonLiteral({ names: Array.from({ length: 60 }, (_, i) => `class ${i}`), last: 1 });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(text.split('\n').length).toBeLessThan(16);
  });
});
