import { now, type Json } from '../../core/index.js';
import { requireFiniteReward, requireStorable, requireUnfinished, trialMissing } from '../query/rules.js';
import { alsoLatencies } from '../model/row.js';
import type { NewTrial, TrialStore } from '../store.js';
import type { Outcome } from '../schema/index.js';
import type { Trial } from '../model/trial.js';
import { encodeOutcome } from './codec.js';
import { translating } from './errors.js';
import type { Database } from './load.js';
import { readerOf } from './reader.js';
import { packState } from './state.js';

/** Reads and writes a study over an open connection whose lock the caller holds; `close` lets go of both. */
export function writerOf(database: Database, path: string, close: () => void): TrialStore {
  const reader = readerOf(database, path);
  const statements = prepare(database);
  let blobs: ReadonlyMap<string, string> = new Map();

  const find = (id: number): Trial => {
    const trial = reader.trial(id);
    if (trial === undefined) throw trialMissing(id);
    return trial;
  };
  const saveState = (state: Json): ReadonlyMap<string, string> => {
    const packed = packState(state, blobs);
    for (const [digest, value] of packed.blobs) if (!blobs.has(digest)) statements.putBlob.run(digest, value);
    for (const digest of blobs.keys()) if (!packed.blobs.has(digest)) statements.dropBlob.run(digest);
    if (blobs.size === 0) statements.dropOthers.run(JSON.stringify([...packed.blobs.keys()]));
    statements.putState.run(packed.text);
    return packed.blobs;
  };
  const insert = (trial: NewTrial): number => {
    requireStorable(trial);
    if (trial.parent !== null) find(trial.parent);
    const { kind, parent, text, params, madds, seed, genome, note } = trial;
    const id = Number(statements.insert.run(kind, parent, text, params, madds, seed, now()).lastInsertRowid);
    statements.insertDetail.run(id, genome && JSON.stringify(genome), JSON.stringify(note));
    return id;
  };
  /** All or nothing; what is remembered of the blobs changes only with the file. */
  const commit = <T>(run: () => T, state: Json): T =>
    translating(path, () => {
      const [result, saved] = database.transaction(() => [run(), saveState(state)] as const).immediate();
      blobs = saved;
      return result;
    });

  return {
    ...reader,
    begin: (trials, strategyState) => commit(() => trials.map(insert), strategyState).map(find),
    retry: (id) =>
      translating(path, () => {
        requireUnfinished(find(id));
        statements.retry.run(id);
        return find(id);
      }),
    finish(id, outcome, reward, strategyState) {
      requireFiniteReward(reward);
      commit(() => {
        requireUnfinished(find(id));
        statements.finish.run(...finishValues(outcome, reward), id);
        const { latency, samples, curve } = encodeOutcome(outcome);
        statements.finishDetail.run(latency, samples, curve, id);
      }, strategyState);
      return find(id);
    },
    note: (key, value) => translating(path, () => void statements.putNote.run(key, JSON.stringify(value))),
    [Symbol.dispose]: close,
  };
}

function finishValues(outcome: Outcome, reward: number | null): readonly (string | number | null)[] {
  const { latency } = outcome;
  const done = outcome.state === 'done';
  const also = alsoLatencies(latency);
  return [
    outcome.state,
    done ? outcome.accuracy : null,
    latency?.medianMs ?? null,
    latency?.lowMs ?? null,
    latency?.highMs ?? null,
    latency?.source ?? null,
    latency?.platform ?? null,
    latency?.fingerprint ?? null,
    also && JSON.stringify(also),
    reward,
    outcome.seconds,
    done ? null : outcome.reason,
    done ? outcome.checkpoint : null,
    now(),
  ];
}

function prepare(database: Database) {
  return {
    insert: database.prepare(
      `INSERT INTO trial (kind, state, parent, text, params, madds, seed, attempts, created_at)
       VALUES (?, 'running', ?, ?, ?, ?, ?, 1, ?)`,
    ),
    insertDetail: database.prepare('INSERT INTO detail (trial, genome, note) VALUES (?, ?, ?)'),
    retry: database.prepare('UPDATE trial SET attempts = attempts + 1 WHERE id = ?'),
    finish: database.prepare(
      `UPDATE trial SET state = ?, accuracy = ?, latency_ms = ?, latency_low_ms = ?, latency_high_ms = ?,
       latency_source = ?, platform = ?, fingerprint = ?, also = ?, reward = ?, seconds = ?, reason = ?, checkpoint = ?,
       finished_at = ? WHERE id = ?`,
    ),
    finishDetail: database.prepare('UPDATE detail SET latency = ?, samples = ?, curve = ? WHERE trial = ?'),
    putNote: database.prepare(
      'INSERT INTO note VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    ),
    putState: database.prepare(
      'INSERT INTO strategy VALUES (1, ?) ON CONFLICT DO UPDATE SET state = excluded.state',
    ),
    putBlob: database.prepare('INSERT OR IGNORE INTO blob VALUES (?, ?)'),
    dropBlob: database.prepare('DELETE FROM blob WHERE digest = ?'),
    dropOthers: database.prepare('DELETE FROM blob WHERE digest NOT IN (SELECT value FROM json_each(?))'),
  };
}
