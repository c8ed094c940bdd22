// Does a host's memory grow with its trials? Usage, after `npm run build`:
//   node bench/memory/trials.mjs [trials] [every]
// Trains different small random architectures (compile, time, a few steps, evaluate, dispose) in one host with two workers
// on 400 made-up pictures and prints one JSON document with the host's resident memory after every `every` trials.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRng, stopwatch } from '../../dist/core/index.js';
import { defaultProtocol } from '../../dist/latency/index.js';
import { startPool } from '../../dist/pool/index.js';
import { quickRecipe } from '../../dist/train/index.js';
import { twoClasses } from '../lib/two-classes.mjs';

const [trials = 300, every = 30] = process.argv.slice(2).map(Number);
const side = 28;
const folder = mkdtempSync(join(tmpdir(), 'nas-bench-'));
const rng = createRng('memory');
const elapsed = stopwatch();
const wrong = [];
const points = [];
let pool;

function randomArchitecture() {
  const one = (...list) => list[rng.integer(list.length)];
  const width = (from, to) => 8 * (from + rng.integer(to - from + 1));
  const blocks = Array.from({ length: 2 + rng.integer(4) }, (_, i) => {
    const expanded = width(2, 12);
    const squeeze = one('', `_se${expanded / 4}`);
    return `ir_k${one(3, 5)}_s${i < 2 ? one(1, 2) : 1}_e${expanded}_c${width(1, 6)}${squeeze}_${one('re', 'hs')}`;
  });
  return `nas1:${side}x${side}x3 cn_k3_s2_c${width(1, 3)}_hs ${blocks.join(' ')} gap fc_c${width(4, 16)}_hs fc_c2_id`;
}

/** A line of /proc/PID/status in MiB. */
function megabytes(pid, name) {
  const line = new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(line?.[1]) / 102.4) / 10;
}

const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('nas-graph-')).length;

try {
  const pictures = await twoClasses(join(folder, 'pictures'), side, rng);
  pool = await startPool(
    {
      backend: {
        kind: 'tensorflow',
        flavour: 'cpu',
        directory: fileURLToPath(new URL('../../.tensorflow', import.meta.url)),
        deterministic: false,
      },
      data: {
        name: pictures,
        folder,
        heldOut: 0.2,
        seed: '1',
        size: side,
        limit: null,
      },
      recipe: { ...quickRecipe, batch: 32 },
      latency: {
        platform: 'tensorflow',
        batch: 1,
        protocol: { ...defaultProtocol, warmupRuns: 5, burst: 5, minRuns: 10, maxRuns: 20 },
      },
      checkpoints: folder,
      workers: 2,
      threads: 1,
    },
    { signal: new AbortController().signal, log: (line) => wrong.push(line), environment: process.env },
  );
  const { hostPid } = pool;
  let next = 1;
  let done = 0;
  const texts = new Set();
  const note = () => {
    if (pool.hostPid !== hostPid) throw new Error(`the host died: ${wrong.slice(-20).join(' | ')}`);
    points.push({
      trials: done,
      residentMiB: megabytes(hostPid, 'VmRSS'),
      peakMiB: megabytes(hostPid, 'VmHWM'),
      threads: Number(/^Threads:\s*(\d+)/m.exec(readFileSync(`/proc/${hostPid}/status`, 'utf8'))?.[1]),
      graphFolders: left(),
    });
  };
  note();
  while (next <= trials) {
    // Both workers come to rest before memory is read, so that no program is alive.
    const until = Math.min(trials, next + every - 1);
    const timingLock = async () => {
      while (next <= until) {
        const trial = next++;
        const text = randomArchitecture();
        texts.add(text);
        const outcome = await pool.evaluate(
          {
            trial,
            text,
            seed: `memory/${trial}`,
            start: { kind: 'random' },
            plan: { epochs: 1, maxSteps: 5, learningRate: 0.05, schedule: 'cosine', warmupEpochs: 0 },
            evaluationSplit: 'validation',
            gateMs: null,
            checkpoint: null,
          },
          new AbortController().signal,
          () => 'continue',
        );
        done++;
        if (outcome.state !== 'done') wrong.push(`${text}: ${JSON.stringify(outcome)}`);
      }
    };
    await Promise.all([timingLock(), timingLock()]);
    note();
  }
  const at = (count) => points.find((point) => point.trials === count)?.residentMiB;
  console.log(
    JSON.stringify(
      {
        machine: `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
        node: process.version,
        trials,
        architectures: texts.size,
        seconds: Math.round(elapsed() / 1000),
        growthSinceFirst: Number((at(trials) / at(every) - 1).toFixed(4)),
        points,
        wrong: wrong.filter((line) => !/oneDNN|absl::InitializeLog/.test(line)),
      },
      null,
      1,
    ),
  );
} finally {
  await pool?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}
