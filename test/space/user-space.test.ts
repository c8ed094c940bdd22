import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { createRng, isNasError } from '../../src/core/index.js';
import {
  describeSpace,
  formatArchitecture,
  searchSpaceJsonSchema,
  spaceFromFile,
  spaceFromYaml,
  type Task,
} from '../../src/space/index.js';
import { expectGolden } from '../golden.js';

const TASK: Task = { input: [32, 32, 3], classes: 10 };
const EXAMPLE = fileURLToPath(new URL('fixtures/example-space.yaml', import.meta.url));
const example = readFileSync(EXAMPLE, 'utf8');

function messageFor(text: string): string {
  try {
    spaceFromYaml(text, TASK, 'mine.yaml');
  } catch (error) {
    if (!isNasError(error)) throw error;
    expect(error.code).toBe('NAS_BAD_SPACE');
    expect(error.message).not.toContain('\n');
    return error.message;
  }
  throw new Error('nothing was thrown');
}

describe('a user’s own space', () => {
  it('has a choice for each list with more than one option', () => {
    const { name, size, choices } = describeSpace(spaceFromFile(EXAMPLE, TASK));
    expect(name).toBe('example');
    expect(choices.map((choice) => `${choice.name}: ${choice.options.join(' ')}`)).toEqual([
      'hswish.from: stage2 never',
      'stem.filters: 8 16',
      'stage2.kernel: 3 5',
      'stage2.expansion: 2.5 4',
      'stage2.se: none expansion/4-hsig',
      'stage2.filters: 24 32',
      'stage2.layers: 1 2',
      'stage3.op: conv dconv mbconv',
      'stage3.stride: 1 2',
      'stage3.se: none input/4-sig',
      'stage3.skip: pool id no',
      'stage3.filters: 32 40',
      'stage3.layers: 1 2 3',
      'stage3.activation: re r6',
      'head.place: behind before',
      'head.bottleneck: 0 64',
      'head.features: 0 128',
    ]);
    expect(size).toBe(String(4 * 32 * 3 * 2 * 2 * 3 * 2 * 3 * 2 * 8));
  });

  it('means what it says', () => {
    const space = spaceFromFile(EXAMPLE, TASK);
    const first = space.decode(space.choices.map(() => 0));
    expect(formatArchitecture(first)).toBe(
      'nas1:32x32x3 cn_k3_s2_c8_hs ds_k3_s1_c16_re ir_k3_s2_e40_c24_hs cn_k3_s1_c32_re_skippool cn_k1_s1_c128_hs gap fc_c10_id',
    );
    const last = space.decode(space.choices.map((choice) => choice.options.length - 1));
    expect(formatArchitecture(last)).toBe(
      'nas1:32x32x3 cn_k3_s2_c16_hs ds_k3_s1_c16_re ir_k5_s2_e64_c32_se16_re ir_k5_s1_e128_c32_se32_re ir_k3_s2_e96_c40_se8sig_r6 ir_k3_s1_e120_c40_se10sig_r6_noskip ir_k3_s1_e120_c40_se10sig_r6_noskip ir_k3_s1_e160_c64_re cn_k1_s1_c128_re gap fc_c10_id',
    );
  });

  it('drops strides, and with them choices, where the input is small', () => {
    const small = spaceFromFile(EXAMPLE, { input: [8, 8, 3], classes: 10 });
    expect(small.choices.map((choice) => choice.name)).not.toContain('stage3.stride');
    expect(small.digest).not.toBe(spaceFromFile(EXAMPLE, TASK).digest);
  });

  it('encodes what it decodes', () => {
    const space = spaceFromFile(EXAMPLE, TASK);
    const rng = createRng('example');
    for (let i = 0; i < 300; i++) {
      const architecture = space.decode(space.sample(rng));
      expect(space.decode(space.encode(architecture))).toEqual(architecture);
    }
  });

  it.each([
    ['kernel: [3, 5]', 'kernel: [3, 4]', 'at stages.1.kernel.1: 4; expected one of 1, 3, 5, 7, 9, 11'],
    ['kernel: [3, 5]', 'kernel: big', 'at stages.1.kernel: "big"; expected one of 1, 3'],
    [
      'op: mbconv',
      'op: mbcon',
      'at stages.1.op: "mbcon"; expected one of conv, dconv, mbconv, extradw, convnext. fix: did you mean mbconv?',
    ],
    [
      'op: mbconv',
      'op: [mbconv, dcon]',
      'at stages.1.op.1: "dcon"; expected one of conv, dconv, mbconv, extradw, convnext. fix: did you mean dconv?',
    ],
    [
      'expansion: 3',
      'expantion: 3',
      'at stages.2: unknown key "expantion"; expected one of op, kernel, stride, expansion',
    ],
    ['expansion: 3', 'expantion: 3', 'fix: did you mean expansion?'],
    ['name: example', 'names: example', 'at name: nothing; expected'],
    [
      'filters: [24, 32]',
      'filters: [24, 24]',
      'at stages.1.filters: [24,24]; expected a list without repeats',
    ],
    ['filters: [24, 32]', 'filters: []', 'at stages.1.filters: []; expected'],
    ['filters: [24, 32]', 'filters: [24.5]', 'at stages.1.filters.0: 24.5; expected int'],
    ['filters: [24, 32]', 'filters: 0', 'at stages.1.filters: 0; expected'],
    ['filters: [24, 32]', 'filters: 10000', 'at stages.1.expansion: [2.5,4]; expected expansions to widths'],
    [
      'stage2, never',
      'stage4, never',
      'at hswishFrom.0: "stage4"; expected a stage that exists: stage1 … stage3',
    ],
    ['expansion/4-hsig', 'expansion/4', 'at stages.1.se.1: "expansion/4"; expected "none" or SOURCE/N-GATE'],
    ['version: 1', 'version: 2', 'at version: 2; expected one of 1'],
    ['stages:', 'stages: [', 'mine.yaml: not YAML:'],
    ['stages:', 'stages: 3\nrest:', 'mine.yaml'],
  ])('with %j as %j is refused: %s', (from, to, message) => {
    expect(example).toContain(from);
    expect(messageFor(example.replace(from, to))).toContain(message);
  });

  it('refuses what is no mapping, too long, too deep in aliases, or not there', () => {
    expect(messageFor('')).toContain('mine.yaml: null; expected object');
    expect(messageFor('- 1')).toContain('mine.yaml: [1]; expected object');
    expect(messageFor(`# ${'x'.repeat(300_000)}`)).toContain('at most 262144 characters');
    const bomb = [
      'a0: &a0 [x, x]',
      ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`),
    ];
    expect(messageFor(bomb.join('\n'))).toContain('not YAML');
    expect(() => spaceFromFile('missing/space.yaml', TASK)).toThrow(/missing\/space.yaml cannot be read/);
    expect(() => spaceFromFile('.', TASK)).toThrow(/cannot be read/);
  });

  it('reads a file under its name and names it in messages', () => {
    const folder = mkdtempSync(join(tmpdir(), 'space-'));
    try {
      const file = join(folder, 'bad.yaml');
      writeFileSync(file, 'version: 3\n');
      expect(() => spaceFromFile(file, TASK)).toThrow(file);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('JSON Schema', () => {
  it('is the committed file', async () => {
    const text = await format(JSON.stringify(searchSpaceJsonSchema()), { parser: 'json', printWidth: 110 });
    expectGolden('../schemas/search-space.schema.json', text);
  });
});
