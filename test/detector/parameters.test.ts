import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import { backboneOf, DEFAULT_SIZES, describeDetector } from '../../src/detector/index.js';
import { detectorModel } from '../../src/export/rt-detr/onnx/model.js';
import { givenParameters, randomParameters } from '../../src/export/rt-detr/onnx/parameters.js';
import { buildNetwork } from '../../src/network/index.js';
import { presetArchitecture } from '../../src/space/index.js';
import { sampleOf } from '../export/samples.js';

const LEVELS = [4, 5];
const INPUT = [64, 64] as const;
const SIZES = { ...DEFAULT_SIZES, hidden: 32, decoderLayers: 2, feedForward: 64, classes: 3 };
const preset = presetArchitecture('mobilenet_v3_small@0.35', { input: [128, 128, 3], classes: 10 });
const architecture = { ...preset, input: [...INPUT, 3] as const };
const { weights, epsilon, mean, deviation } = sampleOf(architecture);
const backbone = {
  ...{ network: buildNetwork(architecture), weights, epsilon, levels: LEVELS },
  pixels: { kind: 'unit', mean, deviation } as const,
};

describe("a detector's parameters", () => {
  const parameters = randomParameters(createRng(1));
  const bytes = detectorModel(backbone, SIZES, parameters);
  const given = givenParameters(new Map(parameters.taken.map((each) => [each.name, each])));

  it('are as many as are counted', () => {
    const trained = parameters.taken.filter(({ name }) => !name.includes('running_'));
    const count = trained.reduce((sum, { values }) => sum + values.length, 0);
    const { parts } = describeDetector(backboneOf('small', architecture, LEVELS), INPUT, SIZES);
    const counted = parts
      .filter(({ name }) => name !== 'backbone')
      .reduce((sum, part) => sum + part.params, 0);
    const { classes, hidden } = SIZES;
    // What training alone needs: the embedding of classes, and score heads but the last.
    expect(count).toBe(counted - classes * hidden - (hidden + 1) * classes);
  });

  it('give the same file when they are given', () => {
    expect(Buffer.from(detectorModel(backbone, SIZES, given)).equals(Buffer.from(bytes))).toBe(true);
  });

  it('are refused where they belong to another detector', () => {
    expect(() => detectorModel(backbone, { ...SIZES, classes: 4 }, given)).toThrow(
      expect.objectContaining({ code: 'NAS_BAD_WEIGHTS' }) as Error,
    );
  });
});
