import { describe, expect, it } from 'vitest';
import { ms, ratio } from '../../src/core/index.js';
import {
  createMemoryStore,
  createStudy,
  jobSchema,
  latencyRecordSchema,
  outcomeSchema,
  progressSchema,
  readStored,
  readStudy,
  type NewTrial,
  type Outcome,
} from '../../src/trials/index.js';
import { fromHostSchema, toHostSchema } from '../../src/pool/messages.js';
import { job, TEXT } from '../pool/helpers.js';
import { temporaryFolder } from '../app/samples.js';
import { fullRecord } from './full-record.js';

const curve = [
  { epoch: 1, step: 5, loss: 0.4, trainAccuracy: 0.8, accuracy: 0.7, seconds: 1, heldOutLoss: 0.9 },
  { epoch: 2, step: 10, loss: Number.NaN, trainAccuracy: Number.NaN, accuracy: null, seconds: 2 },
];
const outcomes: readonly Outcome[] = [
  {
    state: 'done',
    accuracy: ratio(0.7),
    latency: fullRecord,
    curve,
    seconds: 2,
    checkpoint: 'trial-1.weights',
  },
  { state: 'stopped', reason: 'a test', latency: fullRecord, curve, seconds: 2 },
  { state: 'infeasible', reason: 'over the limit', latency: fullRecord, seconds: 0 },
  { state: 'failed', reason: 'diverged', deterministic: true, latency: fullRecord, curve, seconds: 2 },
];
const stored = outcomes.map((outcome) =>
  outcome.state === 'failed'
    ? { state: outcome.state, reason: outcome.reason, latency: outcome.latency, curve, seconds: 2 }
    : outcome,
);
const trial: NewTrial = {
  ...{ kind: 'sample', parent: null, genome: [1, 2], text: TEXT, params: 1, madds: 1, seed: '1/trial/1' },
  note: null,
};
const study = { name: 'demo', spec: {}, spaceDigest: 'd', seed: '1', environment: {} };

describe('a record with every field', () => {
  it('has every field that its schema has', () => {
    const { shape } = latencyRecordSchema.unwrap();
    expect(Object.keys(fullRecord).sort()).toEqual(Object.keys(shape).sort());
    const further = Object.keys(shape).filter((key) => key !== 'also');
    expect(Object.keys(fullRecord.also[0] ?? {}).sort()).toEqual([...further, 'targetMs'].sort());
    for (const key of ['reference', 'hostState', 'predicted'] as const) {
      const part = shape[key].unwrap().unwrap().shape;
      expect(Object.keys(fullRecord[key]).sort()).toEqual(Object.keys(part).sort());
    }
  });

  it('crosses to a host in a job and comes back in every outcome', () => {
    const sent = job(1, { latency: fullRecord, gateMs: 4, targetMs: 2, checkpoint: 'trial-1.weights' });
    expect(jobSchema.parse(sent)).toEqual(sent);
    const message = { kind: 'evaluate', id: 1, attempt: 1, job: sent } as const;
    expect(toHostSchema.parse(structuredClone(message))).toEqual(message);
    for (const outcome of outcomes) {
      expect(outcomeSchema.parse(outcome)).toEqual(outcome);
      const answer = { kind: 'outcome', id: 1, outcome, tainted: false, hung: false } as const;
      expect(fromHostSchema.parse(structuredClone(answer))).toEqual(answer);
    }
    const measured = { kind: 'measured', id: 1, records: [fullRecord], tainted: false } as const;
    expect(fromHostSchema.parse(structuredClone(measured))).toEqual(measured);
  });

  it('is refused by a host with what no record has', () => {
    const wrong = { ...job(1), latency: { ...fullRecord, medianMicros: 1 } };
    expect(jobSchema.safeParse(wrong).error?.issues).toMatchObject([
      { code: 'unrecognized_keys', path: ['latency'], keys: ['medianMicros'] },
    ]);
    expect(jobSchema.safeParse({ ...job(1), checkpoint: '../secret' }).success).toBe(false);
    expect(progressSchema.safeParse({ trial: 1, phase: 'asleep' }).success).toBe(false);
  });

  it('is kept by both stores with everything that it has', () => {
    using folder = temporaryFolder();
    for (const memory of [true, false]) {
      using store = memory
        ? createMemoryStore({ ...study, createdAt: 0 })
        : createStudy(`${folder.path}/demo`, study);
      for (const [index, outcome] of stored.entries()) {
        store.begin([trial], null);
        expect(store.finish(index + 1, outcome, null, null).outcome).toEqual(outcome);
      }
      expect([...store.trials()].map(({ outcome }) => outcome)).toEqual(stored);
      expect(store.predicted().get(1)).toBe(1.2);
    }
    using reader = readStudy(`${folder.path}/demo`);
    expect([...reader.trials()].map(({ outcome }) => outcome)).toEqual(stored);
  });
});

describe('readStored', () => {
  it('leaves out what a later version added, at any depth, and reads nothing damaged', () => {
    const later = {
      ...fullRecord,
      humidity: 0.4,
      hostState: { ...fullRecord.hostState, fan: 1200 },
      also: [{ ...fullRecord.also[0], humidity: 0.4 }],
    };
    expect(readStored(latencyRecordSchema, later)).toEqual(fullRecord);
    expect(later.humidity).toBe(0.4);
    expect(readStored(latencyRecordSchema, { ...later, lacking: 'much' })).toBeUndefined();
    expect(readStored(latencyRecordSchema, { ...fullRecord, medianMs: ms(2) })?.medianMs).toBe(2);
  });
});
