// How do the store and the commands that read it behave with many trials? Needs a build (npm run build).
//
//   node bench/trials/scale.mjs [trials] > bench/trials/scale.json
//
// Fills a study in a temporary folder, then times, median of 7: storing one trial (begin and finish, a transaction
// each), what the commands ask of the store in this process, and the commands as separate processes next to
// `nas --version`, which reads nothing. Last, a writer that stores as fast as it can, alone and alongside three readers.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createStudy, openStudy, parseWhere, readStudy } from '../../dist/trials/index.js';
import { load, machine } from '../lib/machine.mjs';
import { outcomeOf } from './lib/made-up.mjs';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const count = Number(process.argv[2] ?? 100_000);
const root = mkdtempSync(join(tmpdir(), 'nas-scale-'));
const folder = join(root, 'runs/bench');
const block = 'ir_k3_s1_x96_c24_re_se24hsig_id ';
/** The strategy's state of a search with the default controller: 40 choices, weights kept apart from the batch. */
const state = (n) => ({
  weights: 'W'.repeat(20_000),
  batch: Array.from({ length: n % 10 }, () => 'g'.repeat(200)),
});

const fresh = (id) => ({
  kind: 'sample',
  parent: null,
  genome: Array.from({ length: 40 }, (_, k) => (id + k) % 5),
  text: `${id} ${block.repeat(12)}`,
  params: 3_000_000 + id,
  madds: 200_000_000 + id,
  seed: `1/trial/${id}`,
  note: { logp: 'A'.repeat(216) },
});
const sorted = (values) => [...values].sort((a, b) => a - b);
const at = (values, share) => sorted(values)[Math.min(values.length - 1, Math.floor(share * values.length))];
const spread = (values) => ({
  median: Number(at(values, 0.5).toFixed(2)),
  least: Number(at(values, 0).toFixed(2)),
  p95: Number(at(values, 0.95).toFixed(2)),
});
function time(run, times = 7) {
  return spread(
    Array.from({ length: times }, () => {
      const before = performance.now();
      run();
      return performance.now() - before;
    }),
  );
}

/** Stores the given number of trials one by one; ms of each begin and finish together. */
function store(study, from, times) {
  return Array.from({ length: times }, (_, i) => {
    const before = performance.now();
    const [trial] = study.begin([fresh(from + i)], state(i));
    study.finish(trial.id, outcomeOf(trial.id), 0.5, state(i + 1));
    return performance.now() - before;
  });
}

const READER = `
import { readStudy } from ${JSON.stringify(join(dist, 'trials/index.js'))};
const kind = process.argv[2];
let reads = 0;
process.on('SIGTERM', () => { console.log(reads); process.exit(0); });
for (;;) {
  const reader = readStudy(process.argv[1]);
  if (kind === 'rows') reader.rows({ sort: 'accuracy', descending: true, limit: 1000 });
  else if (kind === 'frontier') reader.frontier();
  else { let n = 0; for (const _ of reader.trials()) if (++n === 2000) break; }
  reader[Symbol.dispose]();
  reads++;
  await new Promise((resolve) => setImmediate(resolve));
}`;

async function withReaders(study, from, times) {
  const readers = ['rows', 'frontier', 'trials'].map((kind) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', READER, folder, kind], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (data) => (said += data));
    return { child, ended: new Promise((resolve) => child.on('close', () => resolve(Number(said)))) };
  });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const each = store(study, from, times);
  for (const { child } of readers) child.kill('SIGTERM');
  return { writes: spread(each), reads: await Promise.all(readers.map(({ ended }) => ended)) };
}

try {
  const busyBefore = load();
  {
    using(
      createStudy(folder, { name: 'bench', spec: {}, spaceDigest: '', seed: '1', environment: {} }),
      (study) => {
        for (let from = 1; from <= count; from += 1000) {
          study.begin(
            Array.from({ length: Math.min(1000, count - from + 1) }, (_, i) => fresh(from + i)),
            state(0),
          );
          if (from > count / 2) continue;
          for (let id = from; id < from + 1000; id++) study.finish(id, outcomeOf(id), 0.5, state(0));
        }
      },
    );
  }
  const reader = readStudy(folder);
  const condition = parseWhere('latencyMs < 2ms and accuracy > 90%');
  const latest = { sort: 'trial', descending: true, limit: 101 };
  const store100k = {
    latest100: time(() => reader.rows(latest)),
    filter: time(() => reader.rows({ where: condition, limit: 101 })),
    filterCount: time(() => reader.count({ where: condition })),
    sortByAccuracy: time(() => reader.rows({ sort: 'accuracy', descending: true, limit: 101 })),
    frontier: time(() => reader.frontier()),
    frontierPoints: reader.frontier().length,
    best: time(() => reader.best(2)),
    pointsOfPicture: time(() =>
      reader.values(['trial', 'kind', 'latencyMs', 'accuracy'], { states: ['done'] }),
    ),
    allRows: time(() => reader.rows(), 3),
  };
  reader[Symbol.dispose]();
  const command = (...words) =>
    time(() => {
      execFileSync(process.execPath, [join(dist, 'cli/nas.js'), ...words], {
        cwd: root,
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, NO_COLOR: '1', COLUMNS: '100', NAS_RUNS: join(root, 'runs') },
      });
    }, 5);
  const commands = {
    version: command('--version'),
    trials: command('trials', '--columns', 'trial,state,accuracy,latencyMs'),
    where: command(
      'trials',
      '--columns',
      'trial',
      '--limit',
      '100',
      '--where',
      'latencyMs < 2ms and accuracy > 90%',
    ),
  };
  const written = {};
  for (const [name, where] of [
    ['empty', join(root, 'runs/small')],
    ['full', folder],
  ]) {
    const study =
      name === 'full'
        ? openStudy(where)
        : createStudy(where, { name: 'small', spec: {}, spaceDigest: '', seed: '1', environment: {} });
    store(study, 1, 50);
    written[name] = spread(store(study, 1, 500));
    if (name === 'full') written.withThreeReaders = await withReaders(study, 1, 500);
    study[Symbol.dispose]();
  }
  const result = {
    what: `a study of ${count} trials, half of them done, texts of 400 characters; ms`,
    machine: machine({}),
    load: { before: busyBefore, after: load() },
    fileMiB: Math.round(statSync(join(folder, 'trials.sqlite')).size / 2 ** 20),
    store: store100k,
    commands,
    storingOne: written,
  };
  process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
} finally {
  rmSync(root, { recursive: true });
}

function using(resource, run) {
  try {
    run(resource);
  } finally {
    resource[Symbol.dispose]();
  }
}
