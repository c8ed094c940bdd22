import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/index.js';
import {
  predictionErrorOf,
  buildTable,
  measureNetworks,
  sampledTexts,
  tableModel,
  undisturbed,
  type LatencyTable,
} from '../../../src/latency/index.js';
import { buildNetwork, type Network } from '../../../src/network/index.js';
import { parseArchitecture, withExpansion } from '../../../src/space/index.js';
import { additive, bordered, CACHE, fakePlatform, FETCH_MS, layerMs, RUN_MS, smallSpace } from './world.js';

const space = smallSpace();

async function tableOf(
  cost: (network: Network) => number,
  { noise = 0, networks = 10, widths = false } = {},
): Promise<LatencyTable> {
  const { table } = await buildTable({
    platform: fakePlatform(cost, { noise }),
    name: 'fake',
    ...{ space, widths, networks },
    before: null,
    others: [],
    surroundings: undisturbed,
    save: () => undefined,
  });
  return table;
}

/** How networks that the table was not fitted to are predicted. */
function evaluate(table: LatencyTable, cost: (network: Network) => number) {
  const model = tableModel(table);
  const fitted = new Set(table.networks.map(({ text }) => text));
  const networks = sampledTexts(space, 60, 'judge')
    .filter((text) => !fitted.has(text))
    .map((text) => buildNetwork(parseArchitecture(text)));
  const pairs = (predicted: (network: Network) => number) =>
    networks.map((network) => ({ predictedMs: predicted(network), measuredMs: cost(network) }));
  return {
    model,
    networks,
    sum: predictionErrorOf(pairs((network) => model.lookUp(network).sumMs)),
    corrected: predictionErrorOf(pairs((network) => model.lookUp(network).medianMs)),
  };
}

/** A machine on which layers and blocks cost more next to others than alone, and weights must be fetched. */
const crowded = (network: Network): number => {
  const { layers, classes } = network;
  if (classes !== space.task.classes || layers.length < 6) return additive(network);
  const blocks = new Set(layers.map(({ block }) => block)).size;
  return layers.reduce(
    (sum, layer) => sum + layerMs(layer) * 1.25 + layer.params * 4e-8,
    RUN_MS + 0.004 * blocks,
  );
};

describe('tableModel', () => {
  it('is right to the digit where latencies add up', async () => {
    const { sum, corrected } = evaluate(await tableOf(additive, { networks: 0 }), additive);
    expect(sum.tau).toBeGreaterThan(0.98);
    expect(sum.error).toBeLessThan(0.01);
    expect(corrected).toEqual(sum);
  });

  it('is right without correction on a machine whose stand-alone segments pay overheads that networks do not', async () => {
    const { sum } = evaluate(await tableOf(bordered, { networks: 0 }), bordered);
    expect(sum.tau).toBeGreaterThan(0.98);
    expect(sum.error).toBeLessThan(0.01);
  });

  it('counts weights beyond the cache, which no stand-alone segment has', async () => {
    const model = tableModel(await tableOf(bordered, { networks: 0, widths: true }));
    const wide = 'nas1:4x4x64 cn_k3_s1_c64_re cn_k3_s1_c192_re cn_k3_s1_c256_re cn_k3_s1_c64_re gap fc_c5_id';
    const network = buildNetwork(parseArchitecture(wide));
    const params = network.layers.reduce((total, layer) => total + layer.params, 0);
    const largest = Math.max(...network.layers.map((layer) => layer.params));
    expect([params > CACHE, largest > CACHE]).toEqual([true, true]);
    // The largest layer has its own share beyond the cache in its line.
    const extra = FETCH_MS * (params - CACHE - (largest - CACHE));
    expect(Math.abs(model.lookUp(network).pressuredMs / extra - 1)).toBeLessThan(0.15);
  });

  it('corrects a sum that misses the whole by 30 %, from ten networks', async () => {
    const { sum, corrected } = evaluate(await tableOf(crowded), crowded);
    expect(sum.bias).toBeLessThan(-0.2);
    expect(Math.abs(corrected.bias)).toBeLessThan(0.02);
    expect(corrected.error).toBeLessThan(0.03);
    expect(corrected.tau).toBeGreaterThan(0.95);
  });

  it('holds up under noise of 5 % in every line', async () => {
    const { corrected } = evaluate(await tableOf(crowded, { noise: 0.05 }), crowded);
    expect(corrected.error).toBeLessThan(0.06);
    expect(corrected.tau).toBeGreaterThan(0.85);
  });

  it('puts an interval around a prediction that holds the measured latency as often as it says', async () => {
    let table = await tableOf(crowded, { noise: 0.05 });
    const fitted = new Set(table.networks.map(({ text }) => text));
    const texts = sampledTexts(space, 45, 'checked').filter((text) => !fitted.has(text));
    await measureNetworks(
      texts,
      'validation',
      table.networks,
      { platform: fakePlatform(crowded, { noise: 0.02 }), surroundings: undisturbed },
      (networks) => (table = { ...table, networks }),
    );
    const { model, networks } = evaluate(table, crowded);
    const rng = createRng('truth');
    const held = networks.filter((network) => {
      const { lowMs, highMs } = model.record(network);
      const measured = crowded(network) * (1 + 0.02 * rng.normal());
      return lowMs <= measured && measured <= highMs;
    });
    expect(held.length / networks.length).toBeGreaterThan(0.85);
    expect(model.spread).toBeLessThan(0.3);
  });

  it('says in a record where it comes from and that nothing was timed', async () => {
    const { model, networks } = evaluate(await tableOf(additive), additive);
    const record = model.record(networks[0] as Network);
    expect(record).toMatchObject({ source: 'table', platform: 'fake', runs: 0, batch: 1, samplesMs: [] });
    expect(record.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(record.lacking).toBeUndefined();
    expect(record.lowMs).toBeLessThanOrEqual(record.medianMs);
    expect(record.highMs).toBeGreaterThanOrEqual(record.medianMs);
  });

  it('interpolates widths that have no line, reports them, and widens the interval', async () => {
    const table = await tableOf(additive, { widths: true });
    const model = tableModel(table);
    const [text = ''] = sampledTexts(space, 60, 'narrow').filter((one) => /ir_k3_s1_e72_c24_re/.test(one));
    const within = parseArchitecture(text);
    const narrower = withExpansion(
      within,
      within.blocks.findIndex((block) => block.kind === 'ir' && block.stride === 1 && block.expansion === 72),
      40,
    );
    const known = model.lookUp(buildNetwork(within));
    const guessed = model.lookUp(buildNetwork(narrower));
    expect(known.interpolated).toEqual([]);
    expect(guessed.interpolated).toEqual(['4x4x24 conv1:40:re dw3:re conv1:24:id']);
    const truth = additive(buildNetwork(narrower));
    expect(Math.abs(guessed.medianMs / truth - 1)).toBeLessThan(0.05);
    expect(guessed.medianMs).toBeLessThan(known.medianMs);
    expect(guessed.highMs / guessed.lowMs).toBeGreaterThan(known.highMs / known.lowMs);
    const { lacking = [] } = model.predict(narrower);
    expect(lacking).toHaveLength(1);
    expect(lacking[0]).toMatch(/no line for 4x4x24 conv1:40:re .*: interpolated/);
  });

  it('answers for pictures that it has no line for at all, with an interval that shows it', async () => {
    const model = tableModel(await tableOf(additive));
    const far = parseArchitecture('nas1:96x96x3 cn_k7_s2_c40_r6 ir_k7_s2_e120_c40_r6 gap fc_c7_id');
    const record = model.predict(far);
    expect(record.lacking?.length).toBe(4);
    expect(record.medianMs).toBeGreaterThan(0);
    expect(record.highMs / record.lowMs).toBeGreaterThan(1.2);
  });

  it('is unsure of a table that was held against nothing, and states that', async () => {
    const model = tableModel(await tableOf(additive, { networks: 0 }));
    const record = model.predict(parseArchitecture(sampledTexts(space, 1, 'one')[0] ?? ''));
    expect(record.lacking).toEqual(['the table was held against no measured network']);
    expect(record.highMs / record.medianMs).toBeCloseTo(1.5);
  });
});
