import { describe, expect, it } from 'vitest';
import {
  csv,
  finishedHeader,
  finishedLine,
  flatTrial,
  progressBar,
  progressLine,
  studySummary,
  trialDetails,
  type TrialOrigin,
  trialTable,
} from '../../src/report/index.js';
import { widthOf } from '../../src/report/terminal/text.js';
import { frontier, trialRow, type Trial, type TrialRow } from '../../src/trials/index.js';
import { expectGolden } from '../golden.js';
import { latency, study, trial, uncoloured } from './fixtures.js';

const style = { width: 100, colour: false };
const hostile = '\u001b[2Jgone\u202e';
const failed: Trial = {
  ...trial(29, 0.5, 3),
  state: 'failed',
  reward: null,
  outcome: { state: 'failed', reason: `diverged ${hostile}`, latency: null, curve: [], seconds: 3 },
};
const infeasible: Trial = {
  ...trial(30, 0.5, 9),
  state: 'infeasible',
  reward: null,
  outcome: { state: 'infeasible', reason: '9 ms is over the gate of 6 ms', latency: latency(9), seconds: 1 },
};
const running: Trial = {
  ...trial(31, 0.5, 3),
  state: 'running',
  reward: null,
  outcome: null,
  finishedAt: null,
};
const trials = [...study(), failed, infeasible, running];
const rows = trials.map(trialRow);
const [firstRow] = rows as [TrialRow];
const best = { trial: 26, accuracy: 0.9066, latencyMs: 1.96 };

describe('trialTable', () => {
  it('is printed as the golden file has it', () => {
    const marks = { frontier: new Set(frontier(rows).map((row) => row.trial)), best: 26 };
    expectGolden('report/golden/trials.txt', trialTable(rows, { width: 120, colour: false }, marks));
    expectGolden(
      'report/golden/trials-80.txt',
      trialTable(rows.slice(20), { width: 80, colour: false }, marks),
    );
  });

  it('marks a latency that was not measured', () => {
    const [row] = rows;
    if (!row) throw new Error('no row');
    expect(trialTable([{ ...row, latencySource: 'predicted' }], style)).toMatch(/ ~\d/);
    expect(trialTable([row], style)).not.toContain('~');
  });
});

describe('flatTrial', () => {
  it('has at least the documented names, in their order', () => {
    const names =
      'trial study state kind parent text params madds accuracy latencyMs latencySource reward seed seconds';
    for (const row of rows) {
      const flat = flatTrial(row);
      expect(Object.keys(flat).slice(0, 14).join(' ')).toBe(names);
      expect(flat).toEqual(row);
    }
    expect(csv(rows.map(flatTrial)).split('\r\n').length).toBe(rows.length + 2);
  });
});

describe('trialDetails', () => {
  it('is printed as the golden files have it', () => {
    const shown = {
      ...trial(26, 0.9065, 1.96, 'netadapt'),
      note: { dimension: 'expansion:3', from: 72, to: 64 },
    };
    const origin: TrialOrigin = {
      parents: [trial(25, 0.91, 2.05, 'netadapt')],
      children: [trial(27, 0.9213, 1.89, 'retrain')],
      childCount: 3,
      environment: [['node', '20.19.0']],
      genome: [
        ['stage1.op', 'mbconv'],
        ['stage1.kernel', '3'],
        ['head', '1280'],
      ],
      targetMs: 2,
    };
    expectGolden('report/golden/show.txt', trialDetails(shown, style, origin));
    expectGolden('report/golden/show-80.txt', trialDetails(shown, { width: 80, colour: false }, origin));
    expectGolden('report/golden/show-failed.txt', trialDetails(failed, style));
  });

  it('says what stands next to the runs, and which numbers are not measured', () => {
    const record = {
      ...latency(2),
      reference: { medianMs: 0.5, madMs: 0.01, factor: 1.25, drift: 0.031 },
      hostState: { clockMhz: [2400, 2390], load: 0.5, temperatureC: 51 } as const,
      settled: false,
      seedFactor: 0.8,
      also: [
        {
          ...latency(3),
          source: 'table' as const,
          platform: 'chromium:wasm',
          targetMs: 2.5,
          lacking: ['pool'],
        },
      ],
    };
    const item = trial(1, 0.9, 2);
    const text = trialDetails(
      { ...item, outcome: item.outcome && { ...item.outcome, latency: record } },
      style,
    );
    for (const part of [
      'reference network 0.5000 ms, drift 3.1 %, so times 1.250',
      'clock 2400 → 2390 MHz, load 0.50, 51 °C',
      'the machine was too noisy for the precision asked for',
      'table: 3 ms',
      'target there 2.50 ms: not met',
      'without: pool',
      "times 0.800 to compare with the lineage's seed",
    ])
      expect(text).toContain(part);
  });

  it('prints a trial of any state at any width, none of its data steering the terminal', () => {
    for (const item of [
      failed,
      infeasible,
      running,
      { ...failed, text: hostile, seed: hostile, study: hostile },
    ])
      for (const width of [30, 60, 100]) {
        const origin: TrialOrigin = {
          parents: [{ ...failed, note: { dimension: hostile, from: 1, to: 2 } }],
          genome: [[hostile, hostile]],
          environment: [['cpu', hostile]],
        };
        const text = trialDetails(item, { width, colour: false }, origin);
        expect(text).not.toContain('\u001b');
        expect(text).not.toContain('\u202e');
        for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(Math.max(width, 50));
        expect(uncoloured(trialDetails(item, { width, colour: true }, origin))).toBe(text);
      }
  });
});

describe('studySummary', () => {
  const about = {
    name: 'demo',
    spec: {},
    spaceDigest: 'abcdef0123456789',
    seed: '7',
    createdAt: 1_700_000_000_000,
    environment: { node: '20.19.0', device: 'cpu', nested: {} },
  };
  it('is printed as the golden file has it', () => {
    expectGolden('report/golden/study.txt', studySummary(about, rows, 2, style));
  });
  it('says when nothing meets the target', () => {
    expect(studySummary(about, rows, 0.5, style)).toContain('none meets the target; the fastest takes');
    expect(studySummary(about, [], 0.5, style)).toContain('no trial is done yet');
  });
});

describe('progress', () => {
  const state = {
    phase: 'search',
    finished: 7,
    total: 24,
    best,
    running: [
      { trial: 8, phase: 'training', done: 0.4 },
      { trial: 9, phase: 'timing', done: 1 },
    ],
    secondsLeft: 725,
  } as const;

  it('is one line with count, time left, best and what runs', () => {
    expect(progressLine(state, style)).toBe(
      'search 7/24  12 min 05 s left  ★ 90.7 % at 1.96 ms (trial 26)  8 training 40 %  9 timing 100 %',
    );
    expect(progressLine({ ...state, total: null, best: null, running: [], secondsLeft: null }, style)).toBe(
      'search 7 trials  no result yet',
    );
    const begun = { ...state, finished: 0, total: null, best: null, running: [], secondsLeft: null };
    expect(progressLine(begun, style)).toBe('search  no result yet');
  });

  it('is cut to the width of the terminal', () => {
    for (let width = 1; width < 110; width++) {
      const text = progressLine(state, { width, colour: false });
      expect(widthOf(text)).toBeLessThanOrEqual(width);
      expect(uncoloured(progressLine(state, { width, colour: true }))).toBe(text);
    }
  });

  it('has a line per finished trial with the best so far', () => {
    const lines = [finishedHeader(style), ...rows.slice(24).map((row) => finishedLine(row, best, style))];
    expectGolden('report/golden/finished.txt', [...lines, finishedLine(firstRow, null, style)].join('\n'));
  });

  it('draws a bar of the share', () => {
    expect(progressBar(0.5, 'x', { width: 48, colour: false })).toBe('━━━━──── 50 %  x');
  });
});
