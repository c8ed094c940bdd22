import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exporterFor, exporters, readArchitectureJson } from '../../src/export/index.js';
import { parseArchitecture, presetArchitecture, presetNames } from '../../src/space/index.js';
import { describeExporter } from '../../src/testing/index.js';
import { expectGolden } from '../golden.js';
import { everyOperation, smallArchitecture } from '../network/samples.js';
import { sampleOf } from './samples.js';

function exported(architecture: Parameters<typeof sampleOf>[0]): string {
  const [artifact, ...others] = exporterFor('json').export(sampleOf(architecture));
  expect(others).toEqual([]);
  expect(artifact?.path).toBe('architecture.json');
  return new TextDecoder().decode(artifact?.bytes);
}

describe('exporters', () => {
  it('are found by format, and the error for others lists them', () => {
    for (const exporter of exporters) expect(exporterFor(exporter.format)).toBe(exporter);
    expect(() => exporterFor('tfj')).toThrow(
      expect.objectContaining({
        code: 'NAS_UNKNOWN_FORMAT',
        expected: 'one of json, tfjs, onnx, pytorch, ultralytics, rtdetr, dfine, deim, savedmodel, keras',
        fix: 'did you mean tfjs?',
      }),
    );
  });
});

/** They refuse this network, whose pictures have two channels; rt-detr.test.ts has another for them. */
const OF_DETECTORS = ['ultralytics', 'rtdetr', 'dfine', 'deim'];

for (const exporter of exporters)
  if (!OF_DETECTORS.includes(exporter.format)) describeExporter(exporter, sampleOf(everyOperation));

describe('architecture.json', () => {
  it('is as in the golden file', () => {
    const small = parseArchitecture('nas1:4x4x1 cn_k3_s2_c2_hs gap fc_c2_id');
    expectGolden('export/golden/architecture.json', exported(small));
  });

  it.each(presetNames)('reads back as %s', (name) => {
    const architecture = presetArchitecture(name, { input: [28, 28, 1], classes: 10 });
    expect(readArchitectureJson(exported(architecture))).toEqual(architecture);
  });

  it('reads back as any other architecture', () => {
    fc.assert(
      fc.property(smallArchitecture, (architecture) => {
        expect(readArchitectureJson(exported(architecture))).toEqual(architecture);
      }),
      { numRuns: 30 },
    );
  });

  const good = JSON.parse(exported(everyOperation)) as Record<string, unknown>;
  it.each([
    ['', 'NAS_BAD_EXPORT', /not JSON/],
    ['null', 'NAS_BAD_EXPORT', /another kind/],
    ['[]', 'NAS_BAD_EXPORT', /format none/],
    [JSON.stringify({ ...good, format: 'x' }), 'NAS_BAD_EXPORT', /format "x"/],
    [JSON.stringify({ ...good, version: 2 }), 'NAS_BAD_EXPORT', /version 2/],
    [JSON.stringify({ ...good, architecture: {} }), 'NAS_BAD_ARCHITECTURE', /bad architecture/],
  ])('does not read %.20s', (text, code, message) => {
    expect(() => readArchitectureJson(text)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
    );
  });
});
