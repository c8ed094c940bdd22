import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { studySpec } from '../../src/app/study/defaults.js';
import { studySpecSchema } from '../../src/app/study/spec.js';
import { resumedSpec } from '../../src/cli/resumed-spec.js';
import { isNasError } from '../../src/core/index.js';
import { jsonExporter } from '../../src/export/architecture-json.js';
import type { LatencyTable } from '../../src/latency/table/table.js';
import { stateHeaderSchema } from '../../src/pool/worker/state-header.js';
import { parseArchitecture } from '../../src/space/index.js';
import { latencyRecordSchema } from '../../src/trials/schema/latency.js';
import { sampleOf } from '../export/samples.js';
import { pageText } from './printed-commands.js';

const formats = pageText('docs/formats.md');
const configuration = pageText('docs/configuration.md');

/** What stands under a heading, up to the next one of any level. */
function section(page: string, heading: string): string {
  const [, after = ''] = page.split(`\n${heading}\n`);
  return after.split(/\n#{2,} /)[0] ?? '';
}

/** Names in code of a table's first column, of the first table with this title. */
function firstColumn(text: string, title: string): readonly string[] {
  const from = text.indexOf(`| ${title} `);
  const table = text.slice(from).split('\n\n')[0] ?? '';
  return table
    .split('\n')
    .slice(2)
    .flatMap((row) =>
      [...(row.split(/(?<!\\)\|/)[1] ?? '').matchAll(/`([\w.]+)`/g)].map(([, name = '']) => name),
    );
}

const SPEC = {
  study: 'demo',
  data: { name: 'fashion-mnist', folder: '.data', heldOut: 0.1, size: null, limit: null },
};
const spec = studySpec({ ...SPEC, task: { input: [28, 28, 1], classes: 10 }, targetMs: 2, workers: 2 });

/** Paths of a schema's leaves; objects are gone into, unions and lists are leaves. */
function leavesOf(schema: z.core.$ZodType, path = ''): readonly string[] {
  const inner = unwrapped(schema);
  if (!(inner instanceof z.ZodObject)) return [path];
  return Object.entries(inner.shape as Record<string, z.core.$ZodType>).flatMap(([name, field]) =>
    leavesOf(field, path === '' ? name : `${path}.${name}`),
  );
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  const { innerType } = (schema as { _zod: { def: { innerType?: z.core.$ZodType } } })._zod.def;
  return innerType === undefined ? schema : unwrapped(innerType);
}

describe('the specification in docs/configuration.md', () => {
  const documented = firstColumn(configuration, 'field');
  const leaves = leavesOf(studySpecSchema);

  it('has every field', () => {
    const within = (field: string) => (name: string) => field === name || field.startsWith(`${name}.`);
    expect(leaves.filter((field) => !documented.some(within(field)))).toEqual([]);
  });

  it('has no other field', () => {
    const holds = (name: string) => leaves.some((field) => field === name || field.startsWith(`${name}.`));
    expect(documented.length).toBeGreaterThan(40);
    expect(documented.filter((name) => !holds(name))).toEqual([]);
  });

  it('names every field of a plan', () => {
    const [proxy = ''] = /\| `proxy` .*/.exec(configuration) ?? [];
    const [final = ''] = /\| `final` .*/.exec(configuration) ?? [];
    const named = [...`${proxy}${final}`.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    const fields = Object.keys((unwrapped(studySpecSchema.shape.proxy) as z.ZodObject).shape);
    expect(fields.filter((field) => !named.includes(field))).toEqual([]);
  });
});

describe('what a resumed study may change', () => {
  const GIVEN: Readonly<Record<string, unknown>> = {
    ...{
      targetLatency: [1],
      data: 'cifar10',
      size: 8,
      limit: 5,
      space: 'mnasnet',
      trials: 99,
      time: 9,
      wait: 9,
    },
    ...{ keep: 'all', workers: 9, threads: 9, seed: 'x', strategy: 'random', paper: true, reward: 'hard' },
    ...{ rewardExponent: -9, platform: ['onnxruntime'], latencyBatch: 9, gate: 9, allowExtrapolation: true },
    ...{ recipe: 'paper', batch: 9, epochs: 9, steps: 9, learningRate: 9, finalEpochs: 9, mode: 'batch' },
    ...{ backend: 'reference', deterministic: true, dataFolder: 'elsewhere' },
  };
  const flagOf = (name: string): string =>
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

  it('is what docs/configuration.md says', () => {
    const changed = Object.entries(GIVEN).filter(([name, value]) => {
      try {
        return JSON.stringify(resumedSpec(spec, { [name]: value })) !== JSON.stringify(spec);
      } catch (error) {
        if (isNasError(error)) return false;
        throw error;
      }
    });
    const [, sentence = ''] = /A resumed study takes ([\s\S]*?)\. Every/.exec(configuration) ?? [];
    const said = [...sentence.matchAll(/`(--[\w-]+)`/g)].map(([, flag]) => flag);
    expect(said.toSorted()).toEqual(changed.map(([name]) => flagOf(name)).toSorted());
  });
});

const fieldsOf = (schema: z.core.$ZodType): readonly string[] =>
  Object.keys((unwrapped(schema) as z.ZodObject).shape);

/** The compiler holds this list to the type. */
const TABLE = Object.keys({
  ...{
    format: 0,
    version: 0,
    platform: 0,
    fingerprint: 0,
    batch: 0,
    space: 0,
    source: 0,
    grain: 0,
    createdAt: 0,
  },
  ...{ planned: 0, empty: 0, boundaries: 0, cachePressure: 0, entries: 0, networks: 0 },
} satisfies Record<keyof LatencyTable, 0>);

describe('docs/formats.md', () => {
  it('names every field of a latency, and no other', () => {
    const documented = firstColumn(section(formats, '### Latency'), 'field');
    expect(documented.toSorted()).toEqual(fieldsOf(latencyRecordSchema).toSorted());
  });

  it('names every field of a training state, and no other', () => {
    const documented = firstColumn(formats, 'field of `state`');
    expect(documented.toSorted()).toEqual(fieldsOf(stateHeaderSchema).toSorted());
  });

  it('names every field of an exported architecture, and no other', () => {
    const sample = sampleOf(parseArchitecture('nas1:8x8x1 cn_k3_s1_c8_re gap fc_c2_id'));
    const [file] = jsonExporter.export(sample);
    const written = JSON.parse(Buffer.from(file?.bytes ?? []).toString()) as object;
    const documented = firstColumn(section(formats, '## Architecture as JSON'), 'field');
    expect(documented.toSorted()).toEqual(Object.keys(written).toSorted());
  });

  it('names every field of a look-up table, and no other', () => {
    expect(firstColumn(section(formats, '## Look-up table'), 'field').toSorted()).toEqual(TABLE.toSorted());
  });
});
