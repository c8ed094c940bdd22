import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NasError } from '../../src/core/index.js';
import {
  architectureFromJson,
  checkArchitecture,
  classesOf,
  digestOf,
  formatArchitecture,
  parseArchitecture,
  toJson,
  type Architecture,
} from '../../src/space/index.js';
import { architectures } from './arbitrary.js';

const LARGE_ARCHITECTURES = architectures({ blocks: 12, width: 16_384, side: 8_192 });

function errorOf(run: () => unknown): NasError {
  try {
    run();
  } catch (error) {
    if (error instanceof NasError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('text form', () => {
  it('reads every kind of token', () => {
    const text =
      'nas1:30x40x3 cn_k3_s2_c16_hs ds_k5_s1_c8_se4sig_re_pwr6_noskip ir_k7_s2_e72_c40_se24_r6_skippool gap fc_c64_hs fc_c10_id';
    expect(parseArchitecture(text)).toEqual({
      version: 1,
      input: [30, 40, 3],
      blocks: [
        { kind: 'cn', kernel: 3, stride: 2, channels: 16, activation: 'hs', skip: 'id' },
        {
          kind: 'ds',
          kernel: 5,
          stride: 1,
          channels: 8,
          squeeze: { channels: 4, gate: 'sig' },
          activation: 're',
          pointwise: 'r6',
          skip: 'no',
        },
        {
          kind: 'ir',
          kernel: 7,
          stride: 2,
          expansion: 72,
          channels: 40,
          squeeze: { channels: 24, gate: 'hsig' },
          activation: 'r6',
          skip: 'pool',
        },
        { kind: 'gap' },
        { kind: 'fc', channels: 64, activation: 'hs' },
        { kind: 'fc', channels: 10, activation: 'id' },
      ],
    });
    expect(formatArchitecture(parseArchitecture(`\n ${text.replaceAll(' ', '\t ')}\n`))).toBe(text);
  });

  it('round-trips every architecture, also through JSON, into frozen data', () => {
    fc.assert(
      fc.property(LARGE_ARCHITECTURES, (architecture) => {
        const text = formatArchitecture(architecture);
        const read = parseArchitecture(text);
        expect(read).toEqual(architecture);
        expect(Object.isFrozen(read.blocks[0])).toBe(true);
        expect(formatArchitecture(read)).toBe(text);
        expect(architectureFromJson(JSON.parse(JSON.stringify(toJson(architecture))))).toEqual(architecture);
      }),
    );
  });

  it('has one digest per architecture', () => {
    const one = 'nas1:8x8x1 cn_k3_s1_c8_re gap fc_c2_id';
    expect(digestOf(parseArchitecture(one))).toBe(digestOf(parseArchitecture(` ${one} `)));
    expect(digestOf(parseArchitecture(one))).not.toBe(digestOf(parseArchitecture(one.replace('c8', 'c9'))));
    expect(classesOf(parseArchitecture(one))).toBe(2);
  });

  it.each([
    ['', /found "" at character 1; expected the header/],
    ['nas2:8x8x1 gap', /"nas2:8x8x1" at character 1/],
    ['nas1:08x8x1 gap', /"nas1:08x8x1"/],
    ['nas1:9000x8x1 cn_k3_s1_c8_re gap fc_c2_id', /input 9000x8x1; expected height and width from 1 to 8192/],
    [
      'nas1:8x8x1 cm_k3_s1_c8_re',
      /block 0, character 12: found "cm"; expected one of "cn", "ds", "ir", "ui", "gap", "fc"/,
    ],
    ['nas1:8x8x1 cn_k4_s1_c8_re', /character 15: found "k4"; expected one of "k1", "k3", .*"k11"/],
    ['nas1:8x8x1 cn_k3_s3_c8_re', /character 18: found "s3"; expected one of "s1", "s2"/],
    [
      'nas1:8x8x1 cn_k3_s1_c0_re',
      /character 21: found "c0"; expected "c" with a whole number from 1 to 16384/,
    ],
    ['nas1:8x8x1 cn_k3_s1_c16385_re', /found "c16385"/],
    ['nas1:8x8x1 cn_k3_s1_c8.5_re', /found "c8.5"/],
    ['nas1:8x8x1 cn_k3_s1_c8', /character 24: found the end of "cn_k3_s1_c8"; expected one of "re"/],
    [
      'nas1:8x8x1 ir_k3_s1_e8_c8_xx',
      /character 27: found "xx"; expected one of "seN", "seNsig", "re", "r6", "hs", "id"/,
    ],
    ['nas1:8x8x1 ir_k3_s1_e8_c8_se0_re', /found "se0"; expected "seN" or "seNsig"/],
    [
      'nas1:8x8x1 ds_k3_s1_c8_re_pwid',
      /found "pwid"; expected one of "pwre", "pwr6", "pwhs", "skippool", "noskip"/,
    ],
    ['nas1:8x8x1 cn_k3_s1_c8_re_noskip_noskip', /found "noskip"; expected a space or the end/],
    ['nas1:8x8x1 cn_k3_s1_c8_re', /block 0, character 12: found "cn" at the end; expected the classifier/],
    ['nas1:8x8x1 gap fc_c2_id', /found "gap"; expected a spatial block first/],
    ['nas1:8x8x1 cn_k3_s1_c8_re fc_c2_id', /found "fc"; expected "gap" before/],
    ['nas1:8x8x1 cn_k3_s1_c8_re gap gap fc_c2_id', /block 2, character 31: found "gap"; expected "fc"/],
    ['nas1:8x8x1 cn_k3_s1_c8_re gap fc_c2_id cn_k3_s1_c8_re', /block 3.*found "cn"; expected "fc"/],
    ['nas1:8x8x1 cn_k3_s1_c8_re gap', /found "gap" at the end; expected the classifier/],
    ['nas1:8x8x1 cn_k3_s1_c8_re gap fc_c2_re', /activation "re"; expected "id" for the classifier/],
    ['nas1:8x8x1', /found 0 blocks/],
    [`nas1:8x8x1 ${'cn_k3_s1_c8_re '.repeat(600)}gap fc_c2_id`, /found 602 blocks; expected 3 to 512/],
    [`nas1:8x8x1 ${'x'.repeat(70_000)}`, /a text of 70011 characters; expected at most 65536/],
  ])('refuses %j', (text, message) => {
    const error = errorOf(() => parseArchitecture(text));
    expect(error.code).toBe('NAS_BAD_ARCHITECTURE');
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(400);
  });

  it('throws nothing but NasError, for any text', () => {
    const part = fc.constantFrom(
      'nas1:8x8x1',
      'cn',
      '_k3',
      '_s1',
      '_c8',
      '_re',
      ' ',
      'gap',
      'fc',
      '_id',
      '_se',
      '9'.repeat(9),
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 40 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (hostile) => {
        try {
          checkArchitecture(parseArchitecture(hostile));
        } catch (error) {
          expect(error).toBeInstanceOf(NasError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('JSON form', () => {
  const good = toJson(parseArchitecture('nas1:8x8x1 ir_k3_s1_e8_c8_se4_re gap fc_c2_id'));

  it.each([
    [null, 'the top'],
    [{ ...good, version: 2 }, 'version'],
    [{ ...good, extra: 1 }, 'the top'],
    [{ ...good, input: [8, 8] }, 'input'],
    [{ ...good, blocks: [{ kind: 'ir' }] }, 'blocks.0'],
    [{ ...good, blocks: [{ kind: 'fc', channels: '2', activation: 'id' }] }, 'blocks.0.channels'],
    [{ ...good, blocks: [{ kind: 'zz' }] }, 'blocks.0'],
  ])('refuses %j', (value, path) => {
    const error = errorOf(() => architectureFromJson(value));
    expect(error.code).toBe('NAS_BAD_ARCHITECTURE');
    expect(error.message).toContain(path);
  });

  it('applies the same rules as the text form', () => {
    expect(() => architectureFromJson({ ...good, blocks: [{ kind: 'gap' }] })).toThrow(/spatial block first/);
    const block = { kind: 'cn', kernel: 4, stride: 1, channels: 8, activation: 're', skip: 'id' };
    expect(() => architectureFromJson({ ...good, blocks: [block] })).toThrow(
      /kernel 4; expected one of 1, 3/,
    );
  });
});

describe('checkArchitecture', () => {
  it('finds numbers out of bounds in data that types let through', () => {
    const base = parseArchitecture('nas1:8x8x1 ir_k3_s1_e8_c8_se4_re gap fc_c2_id');
    const broken = (change: object): Architecture => ({
      ...base,
      blocks: [{ ...base.blocks[0], ...change } as Architecture['blocks'][number], ...base.blocks.slice(1)],
    });
    expect(() => checkArchitecture(broken({ channels: 1.5 }))).toThrow(/channels 1.5/);
    expect(() => checkArchitecture(broken({ expansion: 16_385 }))).toThrow(/expansion 16385/);
    expect(() => checkArchitecture(broken({ squeeze: { channels: 0, gate: 'sig' } }))).toThrow(/squeeze 0/);
    expect(() => checkArchitecture(broken({ stride: 3 }))).toThrow(/stride 3/);
  });
});
