import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checksum } from '../../src/export/keras/checksum.js';
import { kerasExporter } from '../../src/export/keras/exporter.js';
import { parseArchitecture } from '../../src/space/index.js';
import { describeExporter } from '../../src/testing/index.js';
import { everyOperation } from '../network/samples.js';
import { sampleOf } from './samples.js';

describeExporter(kerasExporter, sampleOf(everyOperation));

interface Config {
  readonly config: {
    readonly layers: readonly {
      readonly class_name: string;
      readonly name: string;
      readonly config: Readonly<Record<string, unknown>>;
    }[];
  };
}

/** Files of an archive that compresses nothing. */
function unzipped(archive: Uint8Array): ReadonlyMap<string, Buffer> {
  const bytes = Buffer.from(archive);
  const files = new Map<string, Buffer>();
  for (let at = 0; bytes.readUInt32LE(at) === 0x04034b50;) {
    const [size, name] = [bytes.readUInt32LE(at + 18), bytes.readUInt16LE(at + 26)];
    const from = at + 30 + name;
    const content = bytes.subarray(from, from + size);
    expect(bytes.readUInt32LE(at + 14)).toBe(crc32(content));
    files.set(bytes.toString('utf8', at + 30, from), content);
    at = from + size;
  }
  return files;
}

describe('a .keras file', () => {
  const text =
    'nas1:8x8x3_sym cn_k3_s2_c6_hs ir_k3_s1_e12_c6_se4_r6 ds_k3_s2_c8_re_skippool gap fc_c5_hs fc_c2_id';
  const files = unzipped(kerasExporter.export(sampleOf(parseArchitecture(text)))[0]!.bytes);
  const { config } = JSON.parse(files.get('config.json')!.toString()) as Config;

  it("holds configuration, weights and Keras's version", () => {
    expect([...files.keys()]).toEqual(['metadata.json', 'config.json', 'model.weights.h5']);
    expect(files.get('model.weights.h5')!.subarray(1, 4).toString()).toBe('HDF');
  });

  it("has Keras's own layers alone, each convolution with its normalisation", () => {
    const classes = new Set(config.layers.map((layer) => layer.class_name));
    expect([...classes].sort()).toEqual([
      ...[
        'Activation',
        'Add',
        'AveragePooling2D',
        'BatchNormalization',
        'Conv2D',
        'Dense',
        'DepthwiseConv2D',
      ],
      ...['GlobalAveragePooling2D', 'InputLayer', 'Multiply', 'ReLU', 'ZeroPadding2D'],
    ]);
    const norm = config.layers.find(({ name }) => name === '0.conv.bn');
    expect(norm?.config).toMatchObject({ epsilon: 1e-3, momentum: 0.99 });
  });

  it('pads symmetric convolutions by themselves, and channels behind the last', () => {
    const paddings = config.layers.filter((layer) => layer.class_name === 'ZeroPadding2D');
    const first = paddings.find(({ name }) => name === '0.conv.pad');
    // At stride 2 the last row and column of an even side are not read by PyTorch's windows.
    expect(first?.config['padding']).toEqual([
      [1, 0],
      [1, 0],
    ]);
    const channels = paddings.find((layer) => layer.config['data_format'] === 'channels_first');
    expect(channels?.config['padding']).toEqual([
      [0, 0],
      [0, 2],
    ]);
  });
});

it("the checksum is Bob Jenkins's lookup3", () => {
  // Values that his own driver5 prints.
  expect(checksum(new Uint8Array())).toBe(0xdeadbeef);
  expect(checksum(Buffer.from('Four score and seven years ago'))).toBe(0x17770551);
});
