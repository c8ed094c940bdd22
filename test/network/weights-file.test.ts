import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import {
  buildNetwork,
  decodeWeights,
  encodeWeights,
  initialWeights,
  textOfWeights,
} from '../../src/network/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import { everyOperation, trained } from './samples.js';

const tiny = 'nas1:2x2x1 cn_k1_s1_c1_re gap fc_c2_id';

describe('weight files', () => {
  it('give back the same weights and the architecture text', () => {
    const { network, weights } = trained(everyOperation);
    const bytes = encodeWeights(network, weights, 'some text');
    expect(decodeWeights(bytes, network)).toEqual(weights);
    expect(textOfWeights(bytes)).toBe('some text');
  });

  it('are read from the middle of a buffer too', () => {
    const { network, weights } = trained(everyOperation);
    const bytes = encodeWeights(network, weights);
    const inside = new Uint8Array(bytes.length + 9);
    inside.set(bytes, 3);
    expect(decodeWeights(inside.subarray(3, 3 + bytes.length), network)).toEqual(weights);
  });

  it('are safetensors, byte by byte', () => {
    const network = buildNetwork(parseArchitecture(tiny));
    const weights = new Map(initialWeights(network, createRng(0)));
    weights.set('0.conv.kernel', Float32Array.of(1.5));
    weights.set('2.dense.kernel', Float32Array.of(-2, 0.25));
    const bytes = Buffer.from(encodeWeights(network, weights, tiny));
    const length = Number(bytes.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    const entry = (at: number, ...shape: number[]) => {
      const end = at + 4 * shape.reduce((a, b) => a * b, 1);
      return { dtype: 'F32', shape, data_offsets: [at, end] };
    };
    expect(JSON.parse(bytes.subarray(8, 8 + length).toString())).toEqual({
      __metadata__: {
        format: 'platform-nas-weights-1',
        text: tiny,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      },
      '0.conv.kernel': entry(0, 1, 1, 1, 1),
      '0.conv.scale': entry(4, 1),
      '0.conv.offset': entry(8, 1),
      '0.conv.mean': entry(12, 1),
      '0.conv.variance': entry(16, 1),
      '2.dense.kernel': entry(20, 1, 2),
      '2.dense.bias': entry(28, 2),
    });
    expect(bytes.subarray(8 + length).toString('hex')).toBe(
      '0000c03f' +
        '0000803f' +
        '00000000' +
        '00000000' +
        '0000803f' +
        '000000c00000803e' +
        '0000000000000000',
    );
  });
});

describe('a weight file that cannot be used', () => {
  const network = buildNetwork(parseArchitecture(tiny));
  const good = encodeWeights(network, initialWeights(network, createRng(0)), tiny);
  const start = 8 + Number(new DataView(good.buffer).getBigUint64(0, true));
  type Entry = { dtype: string; shape: number[]; data_offsets: number[] };

  function withHeader(change: (header: Record<string, Entry>) => unknown): Uint8Array {
    const header = JSON.parse(new TextDecoder().decode(good.subarray(8, start))) as Record<string, Entry>;
    const text = JSON.stringify(change(header) ?? header);
    const bytes = Buffer.concat([Buffer.alloc(8), Buffer.from(text), good.subarray(start)]);
    bytes.writeBigUInt64LE(BigInt(Buffer.byteLength(text)), 0);
    return bytes;
  }
  function withLength(length: bigint): Uint8Array {
    const bytes = Buffer.from(good);
    bytes.writeBigUInt64LE(length, 0);
    return bytes;
  }
  function flipped(at: number): Uint8Array {
    const bytes = good.slice();
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  }

  it.each<[string, Uint8Array, RegExp]>([
    ['empty', new Uint8Array(), /0 bytes/],
    ['cut short in the header', good.subarray(0, 40), /header of \d+ bytes/],
    ['cut short in the numbers', good.subarray(0, good.length - 4), /bytes of numbers/],
    ['with bytes behind its end', Buffer.concat([good, Buffer.alloc(4)]), /bytes of numbers/],
    ['with a changed number', flipped(start + 2), /checksum/],
    ['of text', Buffer.from('{"layers": [1, 2, 3]}'), /header of \d+ bytes/],
    ['with a huge header length', withLength(2n ** 64n - 1n), /header of 18446744073709551615 bytes/],
    ['whose header is no JSON', withLength(9n), /not JSON/],
    ['whose header is a list', withHeader(() => [1]), /not an object/],
    ['whose entry is null', withHeader((h) => ({ ...h, x: null })), /"x".* not an object/],
    ['with another type', withHeader((h) => void (h['0.conv.kernel']!.dtype = 'F64')), /type "F64".*F32/],
    ['with a negative length', withHeader((h) => void (h['0.conv.kernel']!.shape = [-1])), /proper shape/],
    ['with a fraction', withHeader((h) => void (h['0.conv.kernel']!.shape = [0.5])), /proper shape/],
    [
      'with an endless shape',
      withHeader((h) => void (h['0.conv.kernel']!.shape = [2 ** 52, 2 ** 52])),
      /shape says/,
    ],
    [
      'with too many sides',
      withHeader((h) => void (h['0.conv.kernel']!.shape = Array<number>(9).fill(1))),
      /proper shape/,
    ],
    [
      'with offsets in reverse',
      withHeader((h) => void (h['0.conv.kernel']!.data_offsets = [4, 0])),
      /-4 bytes/,
    ],
    [
      'with overlapping tensors',
      withHeader((h) => void (h['0.conv.scale']!.data_offsets = [0, 4])),
      /gap or overlap/,
    ],
    [
      'with offsets beyond its end',
      withHeader((h) => void (h['2.dense.bias']!.data_offsets = [800, 808])),
      /gap or overlap/,
    ],
    [
      'without offsets',
      withHeader((h) => ({ ...h, '0.conv.kernel': { dtype: 'F32', shape: [1] } })),
      /proper offsets/,
    ],
    ['of another format', withHeader((h) => ({ ...h, __metadata__: { format: 'pt' } })), /format "pt"/],
    ['without metadata', withHeader((h) => ({ ...h, __metadata__: undefined })), /format ""/],
    [
      'with a renamed tensor',
      withHeader(({ '2.dense.bias': bias, ...rest }) => ({ ...rest, other: bias })),
      /without 2\.dense\.bias/,
    ],
  ])('is refused: %s', (_, bytes, message) => {
    expect(() => decodeWeights(bytes, network)).toThrow(
      expect.objectContaining({ code: 'NAS_BAD_WEIGHTS', message: expect.stringMatching(message) as string }),
    );
  });

  it.each([
    ['a wider network', 'nas1:2x2x1 cn_k1_s1_c2_re gap fc_c2_id', /0\.conv\.kernel of shape \[1, 1, 1, 1\]/],
    ['a longer network', 'nas1:2x2x1 cn_k1_s1_c1_re cn_k1_s1_c1_re gap fc_c2_id', /without 1\.conv\.kernel/],
  ])('is refused for %s', (_, text, message) => {
    expect(() => decodeWeights(good, buildNetwork(parseArchitecture(text)))).toThrow(
      expect.objectContaining({ code: 'NAS_BAD_WEIGHTS', message: expect.stringMatching(message) as string }),
    );
  });
});
