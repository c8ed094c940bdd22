import type { Command } from 'commander';
import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { studySpec } from '../../src/app/study/defaults.js';
import { places } from '../../src/app/environment.js';
import { LOCK_SECONDS } from '../../src/app/queue/serve-worker.js';
import { DEFAULT_FINAL_TRAINING } from '../../src/app/refine/final.js';
import { DEFAULT_FILTER_CRITERION, DEFAULT_STEP_CRITERION, PAPER_KINDS } from '../../src/netadapt/index.js';
import { GIVEN_EPOCHS } from '../../src/cli/refine-options.js';
import { nasProgram } from '../../src/cli/program.js';
import { studyOptionsOf } from '../../src/cli/study-options.js';
import { silent } from './silent.js';

const where = places({ runs: 'nowhere' });
const requested = studyOptionsOf({}, 'demo', [1], where);
const task = { input: [28, 28, 1], classes: 10 } as const;
const spec = studySpec({ ...requested, task, space: undefined });
const hard = studySpec({ ...requested, task, space: undefined, reward: 'hard' });
const runs = relative(process.cwd(), places().runs);
const data = relative(process.cwd(), places().data);

/** What a study is made with where nothing is said. */
const STUDY: Readonly<Record<string, string>> = {
  '--data': requested.data.name,
  '--space': requested.space,
  '--trials': `${spec.budget.trials} without --time`,
  '--wait': `${spec.host.waitSeconds / 3600}h`,
  '--keep': spec.keep ?? '',
  '--threads': 'cores / workers / 2',
  '--seed': spec.seed,
  '--strategy': 'auto',
  '--scaled': spec.strategy.scaled?.join(',') ?? '',
  '--reward-exponent': `${spec.reward.exponent}; hard: ${hard.reward.exponent}`,
  '--platform': spec.latency.platform,
  '--latency-batch': String(spec.latency.batch),
  '--gate': String(spec.latency.gate),
  '--learning-rate': 'grows with the batch',
};

const pick = (all: Readonly<Record<string, string>>, flags: readonly string[]) =>
  Object.fromEntries(flags.map((flag) => [flag, all[flag] ?? '']));

/** What each command uses, by its name; other texts than these must not be printed as a default. */
const USED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'nas search': STUDY,
  'nas start': {
    ...STUDY,
    '--target-latency': 'chosen by timing random networks',
    '--study': 'start-1, start-2, …',
    '--trials': 'as many as fit into --time',
    '--steps': '100',
    '--latency-batch': `${spec.latency.batch}; where it chooses the target, 8 but for images:DIR`,
  },
  'nas proxy-check': {
    ...pick(STUDY, ['--data', '--space', '--wait', '--threads', '--seed', '--platform', '--learning-rate']),
    '--steps': '100',
  },
  'nas netadapt refine': {
    '--delta': `the study's, ${spec.refine.delta}`,
    '--step-criterion': `the study's, ${DEFAULT_STEP_CRITERION}`,
    '--dimensions': `the study's, ${PAPER_KINDS.join(',')}`,
    '--criterion': `the study's, ${DEFAULT_FILTER_CRITERION}`,
    '--weights-from': 'recognized',
    '--epochs': String(GIVEN_EPOCHS),
    ...pick(STUDY, ['--data', '--latency-batch', '--seed', '--learning-rate']),
  },
  'nas retrain': { '--epochs': "the study's", '--final': DEFAULT_FINAL_TRAINING },
  'nas worker': {
    '--workers': "as the study's",
    '--name': 'the name of this machine',
    '--lock': `${LOCK_SECONDS}s`,
  },
  'nas latency build': {
    '--threads': "a study's",
    '--out': 'in the folder latency, by device and space',
  },
  'nas latency export': { '--out': 'standard output' },
  'nas latency import': { '--out': 'in the folder latency' },
  'nas doctor': { '--backend': 'tries those that are set up' },
  'nas dashboard': { '--token-file': 'NAS_DASHBOARD_TOKEN, or none' },
  'nas agent': { '--threads': 'all cores', '--token-file': 'NAS_AGENT_TOKEN, or a new one' },
  'nas report': { '--out': "exports/report.html in the study's folder" },
  'nas repair': { '--to': 'STUDY-repaired' },
  'nas export': {
    '--out': "of a trial, in the study's exports/",
    '--input': 'as trained, or 224x224x3 for a preset; with a trial for onnx alone',
    '--weights-from': 'recognized',
    '--seed': '1',
    '--mean': '0',
    '--deviation': '1',
    '--batch': 'left open',
    '--outputs': 'logits',
  },
};
const EVERYWHERE: Readonly<Record<string, string>> = {
  '--runs': `${runs}, or NAS_RUNS`,
  '--data-folder': `${data}, or NAS_DATA`,
};

interface Stated {
  readonly command: string;
  readonly flag: string;
  readonly text: string;
}

function statedIn(command: Command, words: readonly string[]): Stated[] {
  const own = command.options.flatMap(({ description, long }) => {
    const text = /\(default: ([^)]*)\)/.exec(description)?.[1];
    return text === undefined ? [] : [{ command: words.join(' '), flag: long ?? '', text }];
  });
  return [...own, ...command.commands.flatMap((child) => statedIn(child, [...words, child.name()]))];
}

describe('every default that help prints', () => {
  const stated = statedIn(nasProgram(silent), ['nas']);

  it('is the value that is used', () => {
    expect(stated.length).toBeGreaterThan(30);
    for (const { command, flag, text } of stated) {
      const used = USED[command]?.[flag] ?? EVERYWHERE[flag];
      expect(`${command} ${flag}: ${text}`).toBe(`${command} ${flag}: ${used ?? 'no known default'}`);
    }
  });

  it('is stated for each of these', () => {
    const found = new Set(stated.map(({ command, flag }) => `${command} ${flag}`));
    for (const [command, flags] of Object.entries(USED))
      for (const flag of Object.keys(flags)) expect(found).toContain(`${command} ${flag}`);
  });
});
