// Does what runs beside change a measured latency? In the real pool: networks are timed on an idle host, while two
// trainings run in the quiet lane, and while other processes, which the lane cannot stop, use every core.
//
//   npm run build
//   node bench/latency/beside.mjs [--platform tensorflow] [--networks 4] [--rounds 5] [--hogs CORES] [--threads 1]
//     [--out FILE]
//
// The three take turns, round by round. Prints, per network and over all, the change of the latency against idle.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createRng, mean, median } from '../../dist/core/index.js';
import { defaultProtocol } from '../../dist/latency/index.js';
import { startPool } from '../../dist/pool/index.js';
import { formatArchitecture, searchSpace } from '../../dist/space/index.js';
import { quickRecipe } from '../../dist/train/index.js';
import { machine } from '../lib/machine.mjs';
import { twoClasses } from '../lib/two-classes.mjs';
import { commandOf, optionsOf } from './setting.mjs';

const given = optionsOf({
  platform: 'tensorflow',
  networks: '4',
  rounds: '5',
  hogs: String(cpus().length),
  threads: '1',
  out: undefined,
});
const SIDE = 32;
const never = new AbortController().signal;
const space = searchSpace('mobilenetv3', { input: [SIDE, SIDE, 3], classes: 2 });
const rng = createRng('beside');
const texts = Array.from({ length: Number(given.networks) }, () =>
  formatArchitecture(space.decode(space.sample(rng))),
);
const root = mkdtempSync(join(tmpdir(), 'nas-beside-'));

/** Two trainings that go on until they are stopped; resolves when both are training. */
async function trainings(pool, latency) {
  const stop = new AbortController();
  const begun = [1, 2].map(() => {
    const one = {};
    one.promise = new Promise((resolve) => (one.resolve = resolve));
    return one;
  });
  const ends = begun.map(({ resolve }, i) =>
    pool.evaluate(
      {
        trial: i + 1,
        text: texts[i % texts.length],
        seed: `beside/${i}`,
        start: { kind: 'random' },
        plan: { epochs: 100_000, maxSteps: null, learningRate: 0.01, schedule: 'constant', warmupEpochs: 0 },
        judge: 'validation',
        gateMs: null,
        checkpoint: null,
        deadlineSeconds: 3600,
        latency,
      },
      stop.signal,
      ({ phase }) => {
        if (phase === 'training') resolve();
        return 'continue';
      },
    ),
  );
  await Promise.all(begun.map(({ promise }) => promise));
  return async () => {
    stop.abort();
    await Promise.all(ends);
  };
}

/** Processes that do nothing but use a core each; ends them itself. */
async function hogs() {
  const program = 'const a = new Float64Array(4e6); for (;;) for (let i = 0; i < a.length; i++) a[i] += i;';
  const running = Array.from({ length: Number(given.hogs) }, () =>
    spawn(process.execPath, ['-e', program], { stdio: 'ignore' }),
  );
  await sleep(500);
  return () => running.forEach((one) => one.kill('SIGKILL'));
}

const warnings = [];
const found = { idle: [], besideTrainings: [], besideProcesses: [] };
let pool;
try {
  const name = await twoClasses(join(root, 'pictures'), SIDE, createRng('pictures'));
  mkdirSync(join(root, 'checkpoints'));
  pool = await startPool(
    {
      backend: {
        kind: 'tensorflow',
        flavour: 'cpu',
        directory: fileURLToPath(new URL('../../.tensorflow', import.meta.url)),
        deterministic: false,
      },
      data: { name, folder: root, heldOut: 0.2, seed: '1', size: SIDE, limit: null },
      recipe: { ...quickRecipe, batch: 32 },
      latency: {
        platform: given.platform,
        batch: 1,
        protocol: { ...defaultProtocol, seed: 'beside' },
        folder: join(root, 'latency'),
      },
      checkpoints: join(root, 'checkpoints'),
      workers: 2,
      threads: Number(given.threads),
    },
    { signal: never, log: () => undefined, environment: process.env, warn: (text) => warnings.push(text) },
  );
  /** One network per session, as a search times its candidates. */
  const time = async () => {
    const records = [];
    for (const text of texts) {
      const [{ samplesMs, ...record }] = await pool.measure([text], never);
      void samplesMs;
      records.push(record);
    }
    return { load: loadavg()[0], records };
  };
  await time();
  const [known] = await pool.measure([texts[0]], never);
  for (let round = 0; round < Number(given.rounds); round++) {
    found.idle.push(await time());
    const stopTraining = await trainings(pool, known);
    found.besideTrainings.push(await time());
    await stopTraining();
    const stopHogs = await hogs();
    try {
      found.besideProcesses.push(await time());
    } finally {
      stopHogs();
    }
  }
} finally {
  await pool?.[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
}

const percent = (share) => Number((100 * share).toFixed(2));
/** Change against idle in %, of each network's median over the rounds. */
function change(rounds, value) {
  const centre = (list, i) => median(list.map(({ records }) => value(records[i])));
  const each = texts.map((_, i) => percent(centre(rounds, i) / centre(found.idle, i) - 1));
  return {
    mean: Number(mean(each).toFixed(2)),
    worst: each.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a)),
    each,
  };
}
const changes = Object.fromEntries(
  ['besideTrainings', 'besideProcesses'].map((what) => {
    const result = {
      recorded: change(found[what], (one) => one.medianMs),
      calmRunsAlone: change(found[what], (one) => one.medianMs / one.reference.factor),
      plainMedians: change(found[what], (one) => one.rawMedianMs),
    };
    for (const [how, { mean: m, worst }] of Object.entries(result))
      console.log(`${what.padEnd(16)} ${how.padEnd(14)} change % mean ${m}  worst ${worst}`);
    return [what, result];
  }),
);
for (const warning of warnings) console.log(warning);
const document = {
  what: 'change, in %, of measured latencies beside two trainings of the same pool and beside other processes',
  command: commandOf('beside.mjs'),
  machine: machine(),
  protocol: defaultProtocol,
  texts,
  changes,
  rounds: found,
};
if (given.out !== undefined) writeFileSync(given.out, `${JSON.stringify(document, null, 1)}\n`);
