// Does a search slow with the number of its trials? Needs a build (npm run build).
//
//   node bench/trials/ask-tell.mjs [trials] > bench/trials/ask-tell.json
//
// Fills a study with the given number of finished candidates of the space mobilenetv3, resumes searches by each strategy in copies of it
// and of a study with a hundred, in turns, with an evaluator that answers immediately, and times each trial from its asking to its
// being stored and learned: asking, begin, evaluating, reward, tell, finish.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng, mean, median } from '../../dist/core/index.js';
import { createReward, createStrategy, runSearch } from '../../dist/search/index.js';
import { formatArchitecture, maddsOf, paramsOf, searchSpace } from '../../dist/space/index.js';
import { createStudy, openStudy } from '../../dist/trials/index.js';
import { load, machine } from '../lib/machine.mjs';
import { outcomeOf } from './lib/made-up.mjs';

const COUNT = Number(process.argv[2] ?? 100_000);
const FEW = 100;
/** Trials of one turn, by strategy: the controller's own arithmetic takes a tenth to half a second a trial, most of it in updates. */
const TRIALS = { random: 100, ppo: 25 };
/** In each of the two studies. */
const TURNS = 5;
const TARGET_MS = 2;

const space = searchSpace('mobilenetv3', { input: [28, 28, 1], classes: 10 });
const root = mkdtempSync(join(tmpdir(), 'nas-ask-tell-'));

/** Neighbouring trials far apart, so that rewards do not rise for long and the controller does not settle on one network. */
const scattered = (trial) => (618_033 * trial) % 1_000_003;

/** A study with the given number of finished candidates. */
function fill(folder, count) {
  const name = 'bench';
  const study = createStudy(folder, {
    name,
    spec: {},
    spaceDigest: space.digest,
    seed: '1',
    environment: {},
  });
  const rng = createRng('bench/ask-tell');
  try {
    for (let from = 1; from <= count; from += 1000) {
      const ids = Array.from({ length: Math.min(1000, count - from + 1) }, (_, i) => from + i);
      study.begin(
        ids.map((id) => candidate(space.sample(rng), id)),
        null,
      );
      for (const id of ids) study.finish(id, outcomeOf(id), 0.5, null);
    }
  } finally {
    study[Symbol.dispose]();
  }
}

function candidate(genome, id) {
  const architecture = space.decode(genome);
  return {
    kind: 'sample',
    parent: null,
    genome,
    text: formatArchitecture(architecture),
    params: paramsOf(architecture),
    madds: maddsOf(architecture),
    seed: `1/trial/${id}`,
    note: null,
  };
}

/** Resumes the search for some trials; ms of each, and until the first was asked for. */
async function turn(folder, strategy) {
  const before = performance.now();
  const store = openStudy(folder);
  try {
    const each = [];
    let last;
    await runSearch({
      space,
      strategy: createStrategy(strategy, { space, seed: store.study.seed, saved: store.strategyState() }),
      reward: createReward({ kind: 'hard', targetMs: TARGET_MS }),
      store,
      evaluator: {
        slots: 1,
        evaluate: (job) => Promise.resolve(outcomeOf(scattered(job.trial))),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      },
      targetMs: TARGET_MS,
      budget: { trials: store.count({ states: ['done'] }) + TRIALS[strategy], seconds: null },
      plan: {},
      onEvent({ kind }) {
        if (kind !== 'finished') return;
        const now = performance.now();
        each.push(now - (last ?? before));
        last = now;
      },
    });
    const end = performance.now();
    // The first also reads what the study holds; what follows the last looks for the best.
    return { opening: each[0], each: each.slice(1), ending: end - last };
  } finally {
    store[Symbol.dispose]();
  }
}

const round = (value) => Number(value.toFixed(2));
function summary(turns) {
  const medians = turns.map(({ each }) => median(each)).sort((a, b) => a - b);
  return {
    trialMs: {
      median: round(median(medians)),
      least: round(medians[0]),
      most: round(medians.at(-1)),
      mean: round(mean(turns.flatMap(({ each }) => each))),
    },
    openingMs: round(median(turns.map(({ opening }) => opening))),
    endingMs: round(median(turns.map(({ ending }) => ending))),
  };
}

try {
  const busyBefore = load();
  const strategies = {};
  const filled = { few: join(root, 'few'), many: join(root, 'many') };
  fill(filled.few, FEW);
  fill(filled.many, COUNT);
  for (const strategy of Object.keys(TRIALS)) {
    const folders = { few: join(root, `${strategy}-few`), many: join(root, `${strategy}-many`) };
    for (const which of ['few', 'many']) cpSync(filled[which], folders[which], { recursive: true });
    const turns = { few: [], many: [] };
    for (let at = 0; at < TURNS; at++)
      for (const which of ['few', 'many']) turns[which].push(await turn(folders[which], strategy));
    const few = summary(turns.few);
    const many = summary(turns.many);
    strategies[strategy] = {
      [`after ${FEW}`]: few,
      [`after ${COUNT}`]: many,
      ratio: round(many.trialMs.median / few.trialMs.median),
    };
    console.error(`${strategy}: ${JSON.stringify(strategies[strategy])}`);
  }
  const result = {
    what: `a trial of a search from its asking to its being learned, in studies of ${FEW} and of ${COUNT} finished ones; medians of ${TURNS} turns of ${JSON.stringify(TRIALS)} trials each, the two studies in turns; ms`,
    machine: machine({}),
    load: { before: busyBefore, after: load() },
    strategies,
  };
  process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
