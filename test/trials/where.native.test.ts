import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  COLUMN_NAMES,
  createMemoryStore,
  createStudy,
  parseWhere,
  SORT_COLUMNS,
  type Condition,
  type Outcome,
  type TrialStore,
} from '../../src/trials/index.js';
import { contentOf } from '../../src/trials/query/columns.js';
import { sqlColumn, sqlOf } from '../../src/trials/sqlite/where.js';
import { done, latency, newTrial, STUDY } from '../../src/testing/index.js';

const root = mkdtempSync(join(tmpdir(), 'nas-where-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

function refusal(text: string): string {
  try {
    parseWhere(text);
  } catch (error) {
    expect(error).toMatchObject({ name: 'NasError', code: 'NAS_BAD_WHERE' });
    const { message } = error as Error;
    expect(message.split('\n')).toHaveLength(1);
    expect(message.length).toBeLessThan(600);
    return message;
  }
  return 'accepted';
}

describe('a condition', () => {
  it.each<[string, Condition]>([
    ['latencyMs < 2', { is: '<', column: 'latencyMs', value: 2 }],
    ['latencyMs<2ms', { is: '<', column: 'latencyMs', value: 2 }],
    ['latencyMs >= 800us', { is: '>=', column: 'latencyMs', value: 0.8 }],
    ['latencyHighMs <= 0.5s', { is: '<=', column: 'latencyHighMs', value: 500 }],
    ['accuracy > 90%', { is: '>', column: 'accuracy', value: 0.9 }],
    ['accuracy == .9', { is: '=', column: 'accuracy', value: 0.9 }],
    ['params <= 2.5M', { is: '<=', column: 'params', value: 2_500_000 }],
    ['seconds > 1.5h', { is: '>', column: 'seconds', value: 5400 }],
    ['reward > -1e-1', { is: '>', column: 'reward', value: -0.1 }],
    ['2ms > latencyMs', { is: '<', column: 'latencyMs', value: 2 }],
    ['state = done', { is: '=', column: 'state', value: 'done' }],
    ["state <> 'done'", { is: '!=', column: 'state', value: 'done' }],
    ["text = 'it''s'", { is: '=', column: 'text', value: "it's" }],
    ['text contains "a b"', { is: 'contains', column: 'text', pattern: 'a b' }],
    ["kind in (sample, 'retrain')", { is: 'in', column: 'kind', values: ['sample', 'retrain'] }],
    ['trial in (1)', { is: 'in', column: 'trial', values: [1] }],
    ['accuracy IS NULL', { is: 'null', column: 'accuracy' }],
    ['accuracy is not null', { is: 'not', of: { is: 'null', column: 'accuracy' } }],
    ["reason not like 'out%'", { is: 'not', of: { is: 'like', column: 'reason', pattern: 'out%' } }],
    ["createdAt > '1970-01-02'", { is: '>', column: 'createdAt', value: 86_400_000 }],
    ["finishedAt < '1970-01-01T00:00:01'", { is: '<', column: 'finishedAt', value: 1000 }],
    ["finishedAt < '1970-01-01T01:00+01:00'", { is: '<', column: 'finishedAt', value: 0 }],
  ])('%s', (text, condition) => {
    expect(parseWhere(text)).toEqual(condition);
  });

  const [a, b, c]: Condition[] = [1, 2, 3].map((value) => ({ is: '=', column: 'trial', value }));
  it.each<[string, Condition]>([
    ['trial=1 or trial=2 and trial=3', { is: 'or', left: a!, right: { is: 'and', left: b!, right: c! } }],
    ['(trial=1 || trial=2) && trial=3', { is: 'and', left: { is: 'or', left: a!, right: b! }, right: c! }],
    ['not trial=1 and trial=2', { is: 'and', left: { is: 'not', of: a! }, right: b! }],
    ['NOT (trial=1 OR trial=2)', { is: 'not', of: { is: 'or', left: a!, right: b! } }],
    ['not !((trial=1))', a!],
    ['not (not not !trial=1)', { is: 'not', of: { is: 'not', of: a! } }],
    ['trial=1 and trial=2 and trial=3', { is: 'and', left: { is: 'and', left: a!, right: b! }, right: c! }],
  ])('%s', (text, condition) => {
    expect(parseWhere(text)).toEqual(condition);
  });

  it.each([
    ['', 'the end at character 1; expected a column: trial, state'],
    ['latencyMs', 'the end at character 10; expected <'],
    ['latencyMs <', 'the end at character 12; expected a number, bare or with us, µs, ms, s, for latencyMs'],
    ['latencyMs < 2 accuracy > 1', '"accuracy" at character 15; expected and, or, or the end'],
    ['latencyMs < 2 and', 'the end at character 18; expected a column'],
    ['latency < 2', '"latency" at character 1; expected a column'],
    ['latencyms < 2', 'did you mean latencyMs?'],
    ['latencyMs < 90%', '"90%" at character 13; expected a number, bare or with us, µs, ms, s,'],
    ['accuracy > 2ms', '"2ms" at character 12; expected a number, bare or with %, for accuracy'],
    ['latencyMs < two', '"two" at character 13'],
    ["latencyMs < '2'", `"'2'" at character 13`],
    ['state = dne', `"dne" at character 9; expected one of running, done`],
    ['state = dne', 'did you mean done?'],
    ["state = 'x'", 'expected one of running'],
    ['text = ir', 'expected a text in quotes for text'],
    ["text < 'a'", '"<" at character 6; expected =, !=, in, like or contains'],
    ["accuracy like '9%'", '"like" at character 10; expected <'],
    ['accuracy = null', 'write accuracy is null'],
    ['accuracy != null', 'write accuracy is not null'],
    ['accuracy is 3', '"3" at character 13; expected null or not null'],
    ['(latencyMs < 2', 'the end at character 15; expected and, or, or ) for the ( at character 1'],
    ['latencyMs < 2)', '")" at character 14; expected and, or, or the end'],
    ['trial in 3', '"3" at character 10; expected ( and values'],
    ['trial in (1 2)', '"2" at character 13; expected , or )'],
    ['trial in (1', 'the end at character 12; expected , or )'],
    ['trial in ()', '")" at character 11'],
    ['trial 1 < 2', '"1" at character 7'],
    ['1 < 2', '"2" at character 5; expected a column'],
    ["text = 'abc", "a text from character 8 that does not end; expected a closing '"],
    ['trial = 1; drop', '";" at character 10'],
    ['trial = 1 -- x', '"-" at character 11'],
    ["createdAt > 'soon'", 'expected a date'],
    ["text contains 'a\0b'", 'a NUL in the text at character 15'],
    ['trial not 3', '"3" at character 11; expected in, like or contains'],
    ['trial = 1e999', '"1e999" at character 9'],
    ['trial < 1 < 2', '"<" at character 11; expected and, or, or the end'],
    ['🦜 = 1', '"🦜" at character 1'],
  ])('%j is refused with position, token and what may stand there', (text, expected) => {
    expect(refusal(text)).toContain(expected);
  });

  it.each([
    '__proto__ = 1',
    'constructor = 1',
    'trial constructor 1',
    '1 constructor trial',
    'trial = 1 toString trial = 2',
    'trial[0] = 1',
    'trial.x = 1',
    'trial() = 1',
    'trial = `1`',
    'trial = 1 constructor',
    'accuracy > 1__proto__',
    'state = constructor',
    '(select 1) = 1',
    `${'('.repeat(101)}trial = 1${')'.repeat(101)}`,
    `trial in (${'1,'.repeat(1000)}1)`,
    'x'.repeat(5000),
    '\u202etrial = 1',
  ])('hostile: %j', (text) => {
    expect(refusal(text)).toMatch(/expected/);
  });

  it('of any text is understood or refused, never anything else', () => {
    const word = fc.constantFrom(
      ...['(', ')', ',', 'and', 'or', 'not', 'in', 'is', 'null', 'like', '<', '=', '2ms', '90%', "'a'", '!'],
      ...COLUMN_NAMES,
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        refusal(text);
      }),
      { numRuns: 1000 },
    );
  });

  it('holds as many parentheses, nots and alternatives as its length allows', () => {
    const deep = `${'('.repeat(100)}trial = 1${')'.repeat(100)}`;
    const nots = `${'!'.repeat(1000)}trial = 1`;
    const many = Array.from({ length: 160 }, () => 'trial = 1').join(' or ');
    using store = createStudy(join(root, 'deep'), STUDY);
    store.begin([newTrial()], null);
    for (const text of [deep, nots, many.slice(0, 1900).replace(/ or[^=]*=?\s*$/, '')])
      expect(store.count({ where: parseWhere(text) })).toBe(1);
  });
});

/** Pictures of trials with every column filled, empty and tricky. */
const OUTCOMES: readonly (Outcome | null)[] = [
  null,
  done(0.9, 2),
  done(0.5, 0.25, { checkpoint: 'a.weights', latency: latency(0.25, { platform: 'onnxruntime' }) }),
  done(0, 3, { latency: latency(3, { source: 'table', fingerprint: 'it\'s "this"' }) }),
  done(1, 2, { latency: latency(2, { source: 'predicted' }) }),
  { state: 'failed', reason: `out of %memory_ '"; --`, latency: null, curve: [], seconds: 1 },
  { state: 'stopped', reason: 'Ünïcødé 🦜 A_b', latency: null, curve: [], seconds: 0 },
  { state: 'infeasible', reason: 'a'.repeat(100), latency: latency(9), seconds: 0.5 },
];
const TEXTS = ['ir_k3', 'IR_K3', '%', '_', '', 'a%b_c', 'Ünïcødé 🦜', `'"; DROP TABLE trial --`];

function fill(store: TrialStore): TrialStore {
  for (const [i, outcome] of OUTCOMES.entries()) {
    store.begin(
      [
        newTrial({
          text: TEXTS[i % TEXTS.length]!,
          params: i * 1000,
          kind: (['sample', 'netadapt', 'proposal', 'retrain'] as const)[i % 4]!,
          parent: i < 3 ? null : 1 + (i % 3),
        }),
      ],
      null,
    );
    if (outcome !== null) store.finish(i + 1, outcome, i % 2 === 0 ? i - 3.5 : null, null);
  }
  return store;
}

const texts = fc.string({ unit: fc.constantFrom(...'%_aAbÜü🦜ir3k \'";-') });
const column = fc.constantFrom(...COLUMN_NAMES);
const anyNumber = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 0.25, 0.5, 0.9, 9, 1000, -3.5),
  fc.double({ noNaN: true }),
);
const literal = (name: (typeof COLUMN_NAMES)[number]): fc.Arbitrary<string | number> => {
  const content = contentOf(name);
  if (content.of === 'name') return fc.constantFrom(...content.names);
  if (content.of === 'text') return fc.oneof(fc.constantFrom(...TEXTS, 'fp', 'tensorflow'), texts);
  return anyNumber;
};
const leaf: fc.Arbitrary<Condition> = column.chain((name) => {
  const ordered = ['number', 'moment'].includes(contentOf(name).of);
  const signs = ordered ? (['<', '<=', '>', '>=', '=', '!='] as const) : (['=', '!='] as const);
  return fc.oneof(
    fc.constant<Condition>({ is: 'null', column: name }),
    fc.record({ is: fc.constantFrom(...signs), column: fc.constant(name), value: literal(name) }),
    fc.record({
      is: fc.constant('in' as const),
      column: fc.constant(name),
      values: fc.array(literal(name), { minLength: 1, maxLength: 4 }),
    }),
    ...(ordered
      ? []
      : [
          fc.record({
            is: fc.constantFrom('like' as const, 'contains' as const),
            column: fc.constant(name),
            pattern: texts,
          }),
        ]),
  );
});
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.record({
      is: fc.constantFrom('and' as const, 'or' as const),
      left: tie('condition'),
      right: tie('condition'),
    }),
    fc.record({ is: fc.constant('not' as const), of: tie('condition') }),
  ),
}));

describe('stores', () => {
  const memory = fill(createMemoryStore(STUDY));
  const disk = fill(createStudy(join(root, 'same'), STUDY));
  afterAll(() => {
    disk[Symbol.dispose]();
  });

  it('agree on every condition, order and cut', () => {
    const key = fc.record({ column: fc.constantFrom(...SORT_COLUMNS), descending: fc.boolean() });
    const query = fc.record({
      where: condition,
      sort: fc.array(
        key.filter(({ column: name }) => name !== 'createdAt' && name !== 'finishedAt'),
        { maxLength: 3 },
      ),
      limit: fc.nat(10),
      offset: fc.nat(4),
    });
    let hits = 0;
    fc.assert(
      fc.property(query, (asked) => {
        // The two stores were not filled at the same millisecond.
        if (/"(createdAt|finishedAt)"/.test(JSON.stringify(asked.where))) return;
        const ids = memory.rows(asked).map(({ trial }) => trial);
        hits += ids.length;
        expect(disk.rows(asked).map(({ trial }) => trial)).toEqual(ids);
        expect(disk.values(['trial'], asked)).toEqual(ids.map((id) => [id]));
        expect(disk.count(asked)).toBe(memory.count(asked));
      }),
      { numRuns: 1500 },
    );
    expect(hits).toBeGreaterThan(500);
  });

  it('read the chosen columns the same', () => {
    const names = COLUMN_NAMES.filter((name) => name !== 'createdAt' && name !== 'finishedAt');
    expect(disk.values(names)).toEqual(memory.values(names));
    expect(disk.values([])).toHaveLength(OUTCOMES.length);
  });

  it('take no text into their SQL', () => {
    const hostile = `'); DROP TABLE trial; --`;
    const { where, values } = sqlOf({ is: 'in', column: 'text', values: [hostile, hostile] });
    expect(where).toBe('(text IN (?, ?))');
    expect(values).toEqual([hostile, hostile]);
    for (const name of ['__proto__', 'toString', 'text; DROP TABLE trial', 'id'])
      expect(() => sqlColumn(name as 'trial')).toThrow(RangeError);
  });
});
