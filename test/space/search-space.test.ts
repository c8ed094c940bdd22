import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import {
  checkArchitecture,
  classesOf,
  describeSpace,
  formatArchitecture,
  layersOf,
  parseArchitecture,
  presetArchitecture,
  searchSpace,
  spaceNames,
  withExpansion,
  type SearchSpace,
  type Task,
} from '../../src/space/index.js';

const TASKS: readonly Task[] = [
  { input: [28, 28, 1], classes: 10 },
  { input: [32, 32, 3], classes: 10 },
  { input: [64, 64, 3], classes: 200 },
  { input: [224, 224, 3], classes: 1000 },
];
const IMAGENET = TASKS[3] as Task;

/** Options by choice for a space. */
const optionsOf = (space: SearchSpace) =>
  Object.fromEntries(space.choices.map((choice) => [choice.name, choice.options]));

/** A genome with the named options, and the first option of every other choice. */
function genomeWith(
  space: SearchSpace,
  wanted: Readonly<Record<string, string | number>>,
): readonly number[] {
  for (const name of Object.keys(wanted)) expect(optionsOf(space)).toHaveProperty([name]);
  return space.choices.map((choice) => {
    const value = wanted[choice.name];
    if (value === undefined) return 0;
    expect(choice.options).toContain(value);
    return choice.options.indexOf(value);
  });
}

describe.each(spaceNames)('space %s', (name) => {
  it.each(TASKS)('decodes every genome for $input to a valid architecture that encodes back', (task) => {
    const space = searchSpace(name, task);
    const genomes = fc.tuple(...space.choices.map((choice) => fc.nat(choice.options.length - 1)));
    fc.assert(
      fc.property(genomes, (genome) => {
        const architecture = space.decode(genome);
        expect(checkArchitecture(architecture)).toBe(architecture);
        expect(parseArchitecture(formatArchitecture(architecture))).toEqual(architecture);
        expect(architecture.input).toEqual(task.input);
        expect(classesOf(architecture)).toBe(task.classes);
        const last = layersOf(architecture).find(
          (layer) => layer.op === 'gap' && layer.name.endsWith('.pool'),
        );
        expect(last?.in[0]).toBe({ 28: 4, 32: 4, 64: 4, 224: 7 }[task.input[0]]);
        const canonical = space.encode(architecture);
        expect(space.decode(canonical)).toEqual(architecture);
        expect(space.encode(space.decode(canonical))).toEqual(canonical);
      }),
      { numRuns: 60 },
    );
  });

  it('samples every option of every choice about equally often', () => {
    const space = searchSpace(name, IMAGENET);
    const rng = createRng(3);
    const genomes = Array.from({ length: 2000 }, () => space.sample(rng));
    for (const [index, choice] of space.choices.entries())
      for (const option of choice.options.keys()) {
        const count = genomes.filter((genome) => genome[index] === option).length;
        const share = 1 / choice.options.length;
        expect(Math.abs(count / 2000 - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / 2000));
      }
  });

  it('samples the same genomes from the same seed', () => {
    const space = searchSpace(name, IMAGENET);
    expect(space.sample(createRng('a'))).toEqual(space.sample(createRng('a')));
    expect(space.sample(createRng('a'))).not.toEqual(space.sample(createRng('b')));
  });

  it('has a digest that depends on the task only', () => {
    expect(searchSpace(name, IMAGENET).digest).toBe(searchSpace(name, { ...IMAGENET }).digest);
    const digests = TASKS.map((task) => searchSpace(name, task).digest);
    expect(new Set(digests).size).toBe(TASKS.length);
  });

  it('refuses genomes that are none', () => {
    const space = searchSpace(name, IMAGENET);
    const genome = space.choices.map(() => 0);
    expect(() => space.decode(genome.slice(1))).toThrow(
      `${genome.length - 1} genes; expected ${genome.length}`,
    );
    expect(() => space.decode(genome.with(0, 99))).toThrow(
      /gene 0 .* is 99; expected a whole number from 0 to/,
    );
    expect(() => space.decode(genome.with(0, -1))).toThrow(/is -1/);
    expect(() => space.decode(genome.with(0, 0.5))).toThrow(/is 0.5/);
  });

  it('refuses architectures of elsewhere', () => {
    const space = searchSpace(name, IMAGENET);
    const inside = space.decode(space.choices.map((choice) => Math.max(0, choice.options.indexOf('mbconv'))));
    expect(space.decode(space.encode(inside))).toEqual(inside);
    const block = inside.blocks.findIndex((item) => item.kind === 'ir');
    const elsewhere = [
      withExpansion(inside, block, 13),
      presetArchitecture('mobilenet_v1', IMAGENET),
      { ...inside, input: [32, 32, 3] as const },
      { ...inside, blocks: inside.blocks.with(-1, { kind: 'fc', channels: 7, activation: 'id' }) },
      { ...inside, blocks: inside.blocks.toSpliced(1, 1) },
      { ...inside, blocks: inside.blocks.toSpliced(0, 0, ...inside.blocks.slice(0, 1)) },
    ];
    for (const architecture of elsewhere)
      expect(() => space.encode(architecture)).toThrow(`outside of space ${name}`);
  });
});

describe('a stem that may keep its stride', () => {
  it('is a choice where the picture is too small for all halvings, and the last map keeps its size', () => {
    const space = searchSpace('backbone', { input: [28, 28, 1], classes: 10 });
    const place = space.choices.findIndex(({ name }) => name === 'stem.stride');
    expect(space.choices[place]?.options).toEqual([1, 2]);
    const sizes = (gene: number) => {
      const genome = space.sample(createRng('stem')).with(place, gene);
      const maps = layersOf(space.decode(genome)).flatMap(({ op, out }) => (op === 'gap' ? [] : [out[0]]));
      const spatial = maps.filter((side) => side > 1);
      return [...new Set(spatial)];
    };
    expect(sizes(0)).toEqual([28, 14, 7, 4]);
    expect(sizes(1)).toEqual([14, 7, 4]);
    const whole = searchSpace('backbone', { input: [224, 224, 3], classes: 10 });
    expect(whole.choices.map(({ name }) => name)).not.toContain('stem.stride');
  });
});

describe('mnasnet', () => {
  const space = searchSpace('mnasnet', IMAGENET);

  it('chooses per block as MnasNet §4.1', () => {
    const options = optionsOf(space);
    const stages = [1, 2, 3, 4, 5, 6, 7];
    for (const stage of stages) {
      expect(options[`stage${stage}.op`]).toEqual(['conv', 'dconv', 'mbconv']);
      expect(options[`stage${stage}.kernel`]).toEqual([3, 5]);
      expect(options[`stage${stage}.expansion`]).toEqual([3, 6]);
      expect(options[`stage${stage}.se`]).toEqual(['none', 'input/4-sig']);
      expect(options[`stage${stage}.skip`]).toEqual(['pool', 'id', 'no']);
    }
    expect(stages.map((stage) => options[`stage${stage}.filters`])).toEqual([
      [16, 24],
      [16, 24, 32],
      [24, 32, 40],
      [48, 64, 80],
      [72, 96, 120],
      [120, 160, 200],
      [240, 320, 400],
    ]);
    expect(stages.map((stage) => options[`stage${stage}.layers`])).toEqual([
      [1, 2],
      [1, 2, 3],
      [2, 3, 4],
      [3, 4, 5],
      [2, 3, 4],
      [2, 3, 4],
      [1, 2],
    ]);
    expect(space.choices).toHaveLength(7 * 7);
    // 72 ways of operation a block, times filters, times layers.
    expect(space.size).toBe(72n ** 7n * (2n * 3n ** 6n) * (2n ** 2n * 3n ** 5n));
  });

  it('decodes to MobileNetV2’s shape with MnasNet’s operations', () => {
    const genome = genomeWith(space, {
      'stage1.op': 'dconv',
      'stage2.op': 'mbconv',
      'stage2.expansion': 6,
      'stage2.filters': 24,
      'stage2.layers': 2,
      'stage3.op': 'mbconv',
      'stage3.kernel': 5,
      'stage3.se': 'input/4-sig',
      'stage3.skip': 'id',
      'stage3.filters': 40,
      'stage3.layers': 3,
      'stage4.op': 'conv',
      'stage4.skip': 'no',
    });
    expect(formatArchitecture(space.decode(genome)).split(' ').slice(0, 11)).toEqual([
      'nas1:224x224x3',
      'cn_k3_s2_c32_re',
      'ds_k3_s1_c16_re',
      'ir_k3_s2_e96_c24_re_skippool',
      'ir_k3_s1_e144_c24_re_skippool',
      'ir_k5_s2_e72_c40_se6sig_re',
      'ir_k5_s1_e120_c40_se10sig_re',
      'ir_k5_s1_e120_c40_se10sig_re',
      'cn_k3_s2_c48_re',
      'cn_k3_s1_c48_re_noskip',
      'cn_k3_s1_c48_re_noskip',
    ]);
  });

  it('encodes genes without effect as the first option', () => {
    const plain = genomeWith(space, { 'stage2.op': 'dconv', 'stage5.op': 'conv' });
    const redundant = genomeWith(space, {
      'stage2.op': 'dconv',
      'stage2.expansion': 6,
      'stage5.op': 'conv',
      'stage5.expansion': 6,
      'stage5.se': 'input/4-sig',
    });
    expect(redundant).not.toEqual(plain);
    expect(space.decode(redundant)).toEqual(space.decode(plain));
    expect(space.encode(space.decode(redundant))).toEqual(plain);
  });
});

describe('mobilenetv3', () => {
  const space = searchSpace('mobilenetv3', IMAGENET);

  it('has each change of MobileNetV3 §5 as a choice', () => {
    const options = optionsOf(space);
    expect(options['hswish.from']).toHaveLength(8);
    expect(options['hswish.from']).toContain('never');
    expect(options['stem.filters']).toEqual([16, 32]);
    expect(options['stem.activation']).toEqual(['hs', 're']);
    expect(options['stage1.se']).toEqual(['none', 'expansion/4-hsig', 'input/4-sig']);
    expect(options['head.place']).toEqual(['behind', 'before']);
    expect(options['head.features']).toEqual([1280, 1024, 640]);
    expect(options['stage7.op']).toBeUndefined();
  });

  it('reaches the stages of MobileNetV3-Large but for what NetAdapt cut', () => {
    const mb = { op: 'mbconv', skip: 'id' } as const;
    const stages = {
      stage1: { op: 'dconv', skip: 'id' },
      stage2: { ...mb, expansion: 3, filters: 24, layers: 2 },
      stage3: { ...mb, expansion: 3, kernel: 5, se: 'expansion/4-hsig', filters: 40, layers: 3 },
      stage4: { ...mb, expansion: 6, filters: 80, layers: 4 },
      stage5: { ...mb, expansion: 6, se: 'expansion/4-hsig', filters: 112, layers: 2 },
      stage6: { ...mb, expansion: 6, kernel: 5, se: 'expansion/4-hsig', filters: 160, layers: 3 },
    };
    const wanted = Object.entries(stages).flatMap(([stage, values]) =>
      Object.entries(values).map(([key, value]) => [`${stage}.${key}`, value] as const),
    );
    const found = space.decode(genomeWith(space, Object.fromEntries(wanted)));
    const large = presetArchitecture('mobilenet_v3_large', IMAGENET);
    const differing = found.blocks.flatMap((block, index) =>
      JSON.stringify(block) === JSON.stringify({ ...block, ...large.blocks[index] }) ? [] : [index],
    );
    expect(found.blocks).toHaveLength(large.blocks.length);
    // Expansions 64, 200, 184 and 184, which are no multiple by 3 or 6 of their input.
    expect(differing).toEqual([2, 8, 9, 10]);
  });

  it('puts the last stage before the pooling in its original form', () => {
    const before = space.decode(genomeWith(space, { 'head.place': 'before', 'hswish.from': 'head' }));
    expect(formatArchitecture(before)).toMatch(/ ir_k3_s1_e720_c320_hs cn_k1_s1_c1280_hs gap fc_c1000_id$/);
    const never = space.decode(genomeWith(space, { 'hswish.from': 'never', 'stem.activation': 're' }));
    expect(formatArchitecture(never)).not.toContain('hs');
  });
});

describe('describeSpace and searchSpace', () => {
  it('give the size as text and point at the nearest name', () => {
    const space = searchSpace('mnasnet', IMAGENET);
    expect(describeSpace(space)).toMatchObject({
      name: 'mnasnet',
      input: [224, 224, 3],
      classes: 1000,
      size: space.size.toString(),
      choices: space.choices,
    });
    expect(() => JSON.stringify(describeSpace(space))).not.toThrow();
    expect(() => searchSpace('mobilenet3', IMAGENET)).toThrow(/did you mean mobilenetv3\?/);
    expect(() => searchSpace('mnasnet', { input: [1, 1, 1], classes: 0 })).toThrow(/0 classes/);
  });
});
