import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  architecturePicture,
  frontierPicture,
  layerTable,
  pointsOf,
  spaceTable,
  type FrontierPoint,
} from '../../src/report/index.js';
import { sizeText } from '../../src/report/terminal/tables/space.js';
import { widthOf } from '../../src/report/terminal/text.js';
import {
  describeArchitecture,
  describeSpace,
  parseArchitecture,
  presetArchitecture,
  searchSpace,
} from '../../src/space/index.js';
import { expectGolden } from '../golden.js';
import { study, TEXT, uncoloured } from './fixtures.js';

const small = { input: [28, 28, 1], classes: 10 } as const;
const options = { targetMs: 2, width: 78, height: 24, colour: false };

describe('frontierPicture', () => {
  it('is drawn as the golden file has it', () => {
    expectGolden('report/golden/frontier.txt', frontierPicture(pointsOf(study()), options));
    expectGolden(
      'report/golden/frontier-narrow.txt',
      frontierPicture(pointsOf(study()), { ...options, width: 44, height: 14, targetMs: null }),
    );
    expectGolden(
      'report/golden/frontier-colour.txt',
      frontierPicture(pointsOf(study()), { ...options, colour: true }),
    );
  });

  it('reads the same without colour', () => {
    const coloured = frontierPicture(pointsOf(study()), { ...options, colour: true });
    expect(uncoloured(coloured)).toBe(frontierPicture(pointsOf(study()), options));
  });

  it('marks the best within the target, not the most accurate', () => {
    const picture = frontierPicture(pointsOf(study()), options);
    expect(picture).toContain('★ best: trial 26, 90.65 % at 1.96 ms');
    expect(frontierPicture(pointsOf(study()), { ...options, targetMs: 0.1 })).not.toContain('★');
    expect(frontierPicture(pointsOf(study()), { ...options, best: 3 })).toContain('best: trial 3,');
  });

  it('says when there is nothing to draw', () => {
    expect(frontierPicture([], options)).toBe('no trial has finished yet: nothing to draw');
  });

  it('draws points far off as arrows at the edge', () => {
    const near = pointsOf(study());
    const far: FrontierPoint[] = [
      { trial: 90, kind: 'sample', latencyMs: 50, accuracy: 0.9, frontier: false },
      { trial: 91, kind: 'sample', latencyMs: 1.5, accuracy: 0.1, frontier: false },
    ];
    const picture = frontierPicture([...near, ...far], options);
    expect(picture).toMatch(/▸$/m);
    expect(picture).toContain('▾');
  });

  it('draws every finite set of points within its width and height', () => {
    const point = fc.record({
      trial: fc.integer({ min: 1, max: 99 }),
      kind: fc.constantFrom('sample', 'netadapt', 'proposal', 'retrain'),
      latencyMs: fc.double({ min: 0.001, max: 1e4, noNaN: true }),
      accuracy: fc.double({ min: 0, max: 1, noNaN: true }),
      frontier: fc.boolean(),
    });
    const sizes = fc.tuple(fc.integer({ min: 40, max: 120 }), fc.integer({ min: 10, max: 40 }));
    const target = fc.option(fc.double({ min: 0.01, max: 100, noNaN: true }), { nil: null });
    fc.assert(
      fc.property(
        fc.array(point, { minLength: 1, maxLength: 20 }),
        sizes,
        target,
        (points, size, targetMs) => {
          const [width, height] = size;
          const lines = frontierPicture(points, { width, height, targetMs, colour: false }).split('\n');
          for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
          expect(lines.length).toBeLessThanOrEqual(height + 4);
        },
      ),
    );
  });
});

describe('architecturePicture', () => {
  it('is drawn as the golden files have it', () => {
    const paper = presetArchitecture('mobilenet_v3_large', { input: [224, 224, 3], classes: 1000 });
    expectGolden('report/golden/architecture.txt', architecturePicture(paper, { width: 110, colour: false }));
    expectGolden(
      'report/golden/architecture-80.txt',
      architecturePicture(parseArchitecture(TEXT), { width: 80, colour: false }),
    );
  });

  it('fits any width', () => {
    const architecture = presetArchitecture('mnasnet_a1', small);
    for (const width of [20, 50, 60, 70, 80, 90, 100, 120])
      for (const line of architecturePicture(architecture, { width, colour: false }).split('\n'))
        expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  it('gives shares that make a hundred per cent', () => {
    const architecture = presetArchitecture('mobilenet_v3_small', small);
    const text = architecturePicture(architecture, { width: 120, colour: false });
    const shares = [...text.matchAll(/([\d.]+) %/g)].map((match) => Number(match[1]));
    expect(shares.length).toBe(architecture.blocks.length);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 0);
  });
});

describe('layerTable and spaceTable', () => {
  it('are printed as the golden files have them', () => {
    const style = { width: 100, colour: false };
    expectGolden(
      'report/golden/layers.txt',
      layerTable(describeArchitecture(parseArchitecture(TEXT), 'demo'), style),
    );
    const space = {
      name: 'toy',
      digest: '0123456789abcdef',
      input: [28, 28, 1],
      classes: 10,
      size: '432',
      choices: [
        { name: 'stage1.op', options: ['conv', 'mbconv'] },
        { name: 'stage1.kernel', options: [3, 5, 7] },
      ],
    } as const;
    expectGolden('report/golden/space.txt', spaceTable(space, style));
  });

  it('name every choice of a real space', () => {
    const space = searchSpace('mobilenetv3', small);
    const text = spaceTable(describeSpace(space), { width: 100, colour: false });
    for (const choice of space.choices) expect(text).toContain(`\n${choice.name} `);
  });

  it('prints large sizes as powers of ten', () => {
    expect(sizeText('432')).toBe('432');
    expect(sizeText('9999999')).toBe('9999999');
    expect(sizeText('14700000000000')).toBe('1.47e13');
  });

  it('neutralises a hostile name', () => {
    const hostile = describeArchitecture(parseArchitecture(TEXT), 'evil\u001b]0;title\u0007');
    expect(layerTable(hostile, { width: 80, colour: false })).not.toContain('\u001b');
  });
});
