import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng, mean, standardDeviation } from '../../src/core/index.js';
import { buildNetwork, fold, initialWeights } from '../../src/network/index.js';
import { layersOf, presetArchitecture } from '../../src/space/index.js';
import { forward } from './forward.js';
import { everyOperation, picture, relativeError, smallArchitecture, trained } from './samples.js';

describe('buildNetwork', () => {
  it('lists the parameters of each layer in order', () => {
    const { parameters, classes } = buildNetwork(everyOperation);
    expect(classes).toBe(5);
    expect(parameters.slice(0, 11).map(({ name, shape }) => `${name} ${shape.join('x')}`)).toEqual([
      '0.conv.kernel 3x3x2x6',
      '0.conv.scale 6',
      '0.conv.offset 6',
      '0.conv.mean 6',
      '0.conv.variance 6',
      '1.depthwise.kernel 3x3x6x1',
      '1.depthwise.scale 6',
      '1.depthwise.offset 6',
      '1.depthwise.mean 6',
      '1.depthwise.variance 6',
      '1.project.kernel 1x1x6x6',
    ]);
    expect(parameters.slice(-2).map(({ name, shape }) => `${name} ${shape.join('x')}`)).toEqual([
      '12.dense.kernel 11x5',
      '12.dense.bias 5',
    ]);
    expect(parameters.filter(({ trained }) => !trained).every(({ role }) => /mean|variance/.test(role))).toBe(
      true,
    );
  });

  it('holds exactly the trained parameters that the layers count', () => {
    fc.assert(
      fc.property(smallArchitecture, (architecture) => {
        const size = buildNetwork(architecture)
          .parameters.filter(({ trained }) => trained)
          .reduce((sum, parameter) => sum + parameter.size, 0);
        expect(size).toBe(layersOf(architecture).reduce((sum, { params }) => sum + params, 0));
      }),
    );
  });

  it('is frozen through and through', () => {
    const network = buildNetwork(everyOperation);
    expect(Object.isFrozen(network.parameters[0]?.shape)).toBe(true);
    expect(Object.isFrozen(network.layers[0])).toBe(true);
  });
});

describe('initialWeights', () => {
  const network = buildNetwork(presetArchitecture('mobilenet_v3_small', { input: [28, 28, 1], classes: 10 }));
  const weights = initialWeights(network, createRng(7));

  it.each([
    ['11.depthwise.kernel', Math.sqrt(2 / 25)],
    ['11.expand.kernel', Math.sqrt(2 / 576)],
    ['11.reduce.kernel', Math.sqrt(2 / 144)],
    ['15.dense.kernel', 0.01],
  ])('%s is normal with deviation %f', (name, deviation) => {
    const values = [...(weights.get(name) ?? [])];
    const error = 4 / Math.sqrt(values.length);
    expect(Math.abs(mean(values)) / deviation).toBeLessThan(error);
    expect(Math.abs(standardDeviation(values) / deviation - 1)).toBeLessThan(error);
    const beyond = values.filter((value) => Math.abs(value) > 1.96 * deviation).length / values.length;
    expect(Math.abs(beyond - 0.05)).toBeLessThan(error);
  });

  it('starts scales and variances at one, everything else at zero', () => {
    for (const { name, role } of network.parameters) {
      if (role === 'kernel') continue;
      const start = role === 'scale' || role === 'variance' ? 1 : 0;
      expect(weights.get(name)?.every((value) => value === start)).toBe(true);
    }
  });

  it('gives a layer the same start independent of the others', () => {
    const wider = buildNetwork({ ...everyOperation, input: [20, 20, 2] });
    const changed = buildNetwork({
      ...everyOperation,
      blocks: everyOperation.blocks.slice(0, 2).concat(everyOperation.blocks.slice(3)),
    });
    const start = initialWeights(wider, createRng(1));
    expect(initialWeights(changed, createRng(1)).get('0.conv.kernel')).toEqual(start.get('0.conv.kernel'));
    expect(initialWeights(wider, createRng(2)).get('0.conv.kernel')).not.toEqual(start.get('0.conv.kernel'));
    expect(start.get('1.project.kernel')).not.toEqual(start.get('0.conv.kernel'));
  });
});

describe('fold', () => {
  it('computes the same function without normalisation', () => {
    fc.assert(
      fc.property(smallArchitecture, fc.nat(), (architecture, seed) => {
        const { network, weights } = trained(architecture, String(seed));
        const folded = fold(network, weights, 1e-3);
        expect(folded.network.layers.some(({ norm }) => norm)).toBe(false);
        expect([...folded.weights.keys()]).toEqual(folded.network.parameters.map(({ name }) => name));
        const input = picture(network);
        const expected = forward(network, weights, input);
        expect(relativeError(forward(folded.network, folded.weights, input), expected)).toBeLessThan(1e-5);
      }),
      { numRuns: 50 },
    );
  });

  it('leaves the given weights alone', () => {
    const { network, weights } = trained(everyOperation);
    const before = [...weights].map(([name, values]) => [name, values.slice()]);
    fold(network, weights, 1e-3);
    expect([...weights]).toEqual(before);
  });
});
