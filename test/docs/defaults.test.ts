import { describe, expect, it } from 'vitest';
import { DEFAULTS, studySpec } from '../../src/app/study/defaults.js';
import { sharesOf } from '../../src/app/start/time-plan.js';
import { nasProgram } from '../../src/cli/program.js';
import { HELD_OUT } from '../../src/cli/study-options.js';
import { DASHBOARD_PORT } from '../../src/dashboard/address.js';
import { defaultImageSize } from '../../src/data/spec.js';
import { AGENT_PORT } from '../../src/latency/index.js';
import { driftCorrectionOf } from '../../src/latency/protocol/drift-correction.js';
import { defaultProtocol } from '../../src/latency/protocol/protocol.js';
import { LEAST_OBSERVATIONS } from '../../src/latency/predictor/predictor.js';
import { EVOLUTION } from '../../src/search/strategies/evolution.js';
import { PAPER, SMALL_BUDGET } from '../../src/search/strategies/ppo/settings.js';
import { SURROGATE } from '../../src/search/strategies/surrogate/surrogate.js';
import { silent } from '../cli/silent.js';
import { pageText } from './printed-commands.js';

const spec = studySpec({
  study: 'demo',
  data: { name: 'fashion-mnist', folder: '.data', heldOut: HELD_OUT, size: null, limit: null },
  task: { input: [28, 28, 1], classes: 10 },
  targetMs: 2,
});
const { minRuns, maxRuns, maxSeconds, precision, settle, warmupRuns, quiet } = defaultProtocol;
const helpOf = (command: string, flag: string): string =>
  nasProgram(silent)
    .commands.find((one) => one.name() === command)
    ?.options.find(({ long }) => long === flag)?.description ?? '';
const ofStart = (flag: string, pattern: RegExp): number => Number(pattern.exec(helpOf('start', flag))?.[1]);
const percent = (share: number): number => Math.round(1000 * share) / 10;

/** Sentences with numbers, and what the code has in the place of each. */
const SAID: readonly (readonly [page: string, pattern: RegExp, values: readonly number[]])[] = [
  ['guide', /`--size` pixels \((\d+) unless/, [defaultImageSize]],
  ['guide', /target × ([\d.]+) \(`--gate`\)/, [DEFAULTS.gate]],
  ['guide', /with `--trials` \((\d+) without either\)/, [DEFAULTS.trials]],
  ['guide', /`--epochs` \((\d+) unless/, [spec.proxy.epochs]],
  ['guide', /`--final-epochs` \((\d+) unless/, [spec.final.epochs]],
  ['guide', /save at least (\d+) % of the first latency \(`--delta`\)/, [percent(DEFAULTS.delta)]],
  ['guide', /searches up to ([\d.]+) × target/, [ofStart('--gate', /over ([\d.]+) × target/)]],
  [
    'guide',
    /(\d+) to (\d+) times, until its 95 % interval is at most (\d+) % wide or its (\d+) seconds/,
    [minRuns, maxRuns, percent(precision), maxSeconds],
  ],
  ['guide', /from (\d+) networks on/, [LEAST_OBSERVATIONS]],
  ['guide', /http:\/\/127\.0\.0\.1:(\d+)\s/, [DASHBOARD_PORT]],
  ['guide', /agent:http:\/\/127\.0\.0\.1:(\d+)/, [AGENT_PORT]],
  ['configuration', /for validation, ([\d.]+)\./, [HELD_OUT]],
  ['configuration', /null means (\d+)\./, [defaultImageSize]],
  [
    'configuration',
    /1 for `nas search`, ([\d.]+) for `nas start`/,
    [ofStart('--gate', /over ([\d.]+) × target/)],
  ],
  ['configuration', /Default −([\d.]+); −(\d) for `hard`/, [-spec.reward.exponent, 1]],
  ['configuration', /no limit\. (\d+) when neither/, [DEFAULTS.trials]],
  ['configuration', /`host\.waitSeconds`[^|]+\|[^|]+\|[^|]*Default: (\d+)\./, [spec.host.waitSeconds]],
  ['configuration', /`host\.idleSeconds`[^|]+\|[^|]+\|[^|]*Default: (\d+)\./, [spec.host.idleSeconds]],
  ['configuration', /for at most (\d+) steps unless `--steps`/, [ofStart('--steps', /default: (\d+)/)]],
  ['commands', /it times batches of (\d+) for/, [ofStart('--latency-batch', /chooses the target, (\d+)/)]],
  ['methods', /with β = −([\d.]+)\./, [-spec.reward.exponent]],
  ['methods', /a population of (\d+), a tournament of (\d+)/, [EVOLUTION.population, EVOLUTION.tournament]],
  [
    'methods',
    /among (\d+) mutations of the eight best, (\d+) random/,
    [SURROGATE.mutations, SURROGATE.random],
  ],
  ['methods', /learning rate +\| ([\d.]+) +\| ([\d.]+)/, [PAPER.learningRate, SMALL_BUDGET.learningRate]],
  ['methods', /weight of the entropy +\| ([\d.]+) +\| ([\d.]+)/, [PAPER.entropy, SMALL_BUDGET.entropy]],
  ['methods', /trials per update +\| (\d+) +\| (\d+)/, [PAPER.updateEvery, SMALL_BUDGET.updateEvery]],
  ['methods', /One LSTM layer of (\d+) units/, [PAPER.hidden]],
  ['methods', /clip at ([\d.]+) and weigh the past by ([\d.]+)/, [PAPER.clip, PAPER.baselineDecay]],
  ['methods', /1 % of the seed's latency +\| (\d+) % \(`--delta`\)/, [percent(DEFAULTS.delta)]],
  ['methods', /(\d+) steps \(`--finetune-steps`\)/, [spec.refine.finetune.maxSteps ?? 0]],
  ['methods', /all +\| (\d+), those of least expected loss/, [spec.refine.proposals ?? 0]],
  ['methods', /bursts of ten differ by at most (\d+) %, at most (\d+) runs/, [percent(settle), warmupRuns]],
  ['methods', /for (\d+) to (\d+) runs, until/, [minRuns, maxRuns]],
  ['methods', /took more than (\d+) % longer than/, [percent(quiet)]],
  ['methods', /logarithm, by (\d+) % at most/, [percent(Math.log(driftCorrectionOf(1, 10).doubt))]],
];

describe('a number in docs/', () => {
  it.each(SAID)('%s: %s', (page, pattern, values) => {
    const text = pageText(`docs/${page}.md`).replace(/\s+/g, ' ');
    const found = pattern.exec(text);
    expect(found?.slice(1).map((number) => Number(number.replaceAll(',', '')))).toEqual(values);
  });

  it('commands: how the time is divided', () => {
    const text = pageText('docs/commands.md').replace(/\s+/g, ' ');
    const [, seconds, minutes, ...numbers] =
      /at most (\d+) seconds\. Of the rest, up to (\d+) minutes, the search gets ([\d.]+), NetAdapt nothing, the finalists ([\d.]+) and the final training ([\d.]+); at (\d+) minutes ([\d.]+), nothing, ([\d.]+) and ([\d.]+); at (\d+) hours and more ([\d.]+), ([\d.]+), ([\d.]+) and ([\d.]+);/.exec(
        text,
      ) ?? [];
    const [search, finalists, retrain, quarter = 0, ...more] = numbers.map(Number);
    const [search2, finalists2, retrain2, hours, ...long] = more;
    const said = (whole: number) => {
      const { export: exported, ...others } = sharesOf(whole);
      return Object.values(others).map((share) => Number((share / (1 - exported)).toFixed(3)));
    };
    expect(said(60 * Number(minutes))).toEqual([search, 0, finalists, retrain]);
    expect(said(60 * quarter)).toEqual([search2, 0, finalists2, retrain2]);
    expect(said(3600 * (hours ?? 0))).toEqual(long);
    expect(sharesOf(3600 * (hours ?? 0)).export * 3600 * (hours ?? 0)).toBeCloseTo(Number(seconds));
  });
});
