import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPlatform, parsePlatform, platformNames, type PlatformSpec } from '../../src/latency/index.js';
import { joinWords, splitWords } from '../../src/latency/platform/words.js';

const threads = fc.option(fc.integer({ min: 1, max: 512 }), { nil: null });
const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((value) => !/[\0\r\n]/.test(value));
const spec: fc.Arbitrary<PlatformSpec> = fc.oneof(
  fc.constant({ kind: 'tensorflow' } as const),
  fc.record({ kind: fc.constant('onnxruntime' as const), threads }),
  fc.record({ kind: fc.constant('onnxruntime' as const), int8: fc.constant(true as const), threads }),
  fc.record({ kind: fc.constant('chromium' as const), provider: fc.constant('wasm' as const), threads }),
  fc.constant({ kind: 'chromium', provider: 'webgpu', threads: null } as const),
  fc.record({
    kind: fc.constant('command' as const),
    program: text.filter((value) => value !== ''),
    args: fc.array(text, { maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constant('agent' as const),
    url: fc.constantFrom('http://10.0.0.7:8077', 'https://phone.local', 'http://[::1]:9'),
  }),
  fc.record({ kind: fc.constant('table' as const), file: text.filter((v) => v.trim() === v && v !== '') }),
);
const coded = (code: string, words: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(words) as string }) as Error;
const reading = (given: string) => () => parsePlatform(given);

describe('parsePlatform', () => {
  it('reads every kind', () => {
    expect(parsePlatform('tensorflow')).toEqual({ kind: 'tensorflow' });
    expect(parsePlatform('onnxruntime')).toEqual({ kind: 'onnxruntime', threads: null });
    expect(parsePlatform(' onnxruntime: threads=2 ')).toEqual({ kind: 'onnxruntime', threads: 2 });
    expect(parsePlatform('onnxruntime:threads=2,int8')).toEqual({
      ...{ kind: 'onnxruntime', int8: true, threads: 2 },
    });
    expect(parsePlatform('chromium')).toEqual({ kind: 'chromium', provider: 'wasm', threads: null });
    expect(parsePlatform('chromium:threads=4')).toEqual({ kind: 'chromium', provider: 'wasm', threads: 4 });
    expect(parsePlatform('chromium:webgpu')).toEqual({ kind: 'chromium', provider: 'webgpu', threads: null });
    expect(parsePlatform(`command:./bench "my model" --n=3 'it''s' \\'`)).toEqual({
      kind: 'command',
      program: './bench',
      args: ['my model', '--n=3', 'its', "'"],
    });
    expect(parsePlatform('agent:HTTP://Phone.local:80/')).toEqual({
      kind: 'agent',
      url: 'http://phone.local',
    });
    expect(parsePlatform('table:a, b:c.json')).toEqual({ kind: 'table', file: 'a, b:c.json' });
  });

  it('and formatPlatform are each other undone, so that there is one way to write a platform', () => {
    fc.assert(
      fc.property(spec, (one) => {
        const written = formatPlatform(one);
        expect(parsePlatform(written)).toEqual(one);
        expect(formatPlatform(parsePlatform(written))).toBe(written);
      }),
    );
    expect(formatPlatform(parsePlatform('chromium:threads=2, wasm'))).toBe('chromium:wasm,threads=2');
  });

  it('lists the legal names and points at the nearest', () => {
    expect(reading('onxruntime:threads=1')).toThrow(
      coded('NAS_UNKNOWN_PLATFORM', /did you mean onnxruntime/),
    );
    expect(reading('')).toThrow(coded('NAS_UNKNOWN_PLATFORM', new RegExp(platformNames.join(', '))));
    expect(reading('x'.repeat(9000))).toThrow(coded('NAS_UNKNOWN_PLATFORM', /one of tensorflow/));
  });

  it.each([
    ['tensorflow:threads=2', /--threads sets its threads/],
    ['onnxruntime:', /nothing after the colon/],
    ['onnxruntime:2', /option "2".*onnxruntime\[:int8\]\[,threads=N\]/],
    ['onnxruntime:int4', /did you mean int8/],
    ['onnxruntime:int8,int8', /option "int8"/],
    ['onnxruntime:threads=0', /threads=0/],
    ['onnxruntime:threads=2,threads=3', /option "threads=3"/],
    ['chromium:wgpu', /did you mean webgpu/],
    ['chromium:wasm,webgpu', /option "webgpu"/],
    ['chromium:webgpu,threads=2', /threads for webgpu/],
    ['command', /no program/],
    ["command:''", /no program/],
    ['command:run "it', /quote/],
    ['command:run\nrm', /no option/],
    ['agent', /address ""/],
    ['agent:phone:8077', /address "phone:8077"/],
    ['agent:ftp://phone', /address/],
    ['agent:http://u:secret@phone', /NAS_AGENT_TOKEN/],
    ['agent:http://phone/?token=a', /fix: agent:http:\/\/phone/],
    ['table', /no file/],
    [`table:${'x'.repeat(9000)}`, /no option/],
  ])('refuses %j', (given, words) => {
    expect(reading(given)).toThrow(coded('NAS_BAD_PLATFORM', words));
  });

  it('never reveals the secret that it refuses', () => {
    expect(reading('agent:http://u:hunter2@phone')).not.toThrow(/hunter2/);
  });
});

describe('words', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.array(text), (words) => {
        expect(splitWords(joinWords(words))).toEqual(words);
      }),
    );
  });
});
