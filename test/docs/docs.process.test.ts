import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { flatTrial } from '../../src/report/index.js';
import { trialRow, type Trial } from '../../src/trials/index.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const page = (name: string): string => readFileSync(`${ROOT}/docs/${name}`, 'utf8');

const TRIAL: Trial = {
  ...{ id: 1, study: 'demo', kind: 'sample', state: 'running', parent: null, genome: null },
  ...{ text: 'nas1:8x8x1 cn_k3_s1_c8_re gap fc_c2_id', params: 0, madds: 0, seed: '1/trial/1', reward: null },
  ...{ outcome: null, attempts: 1, createdAt: 0, finishedAt: null, note: null },
};

describe('docs/', () => {
  it('says what the compiled program says, knows every code and variable, and has no dead link', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/docs.mjs', '--check'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('explains every field of a row, and no other', () => {
    const [, section = ''] = page('formats.md').split('## A trial as a row');
    const table = section.split('### Latency')[0] ?? '';
    const explained = [...table.matchAll(/^\| ((?:`\w+`(?:, )?)+)/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    );
    expect(explained.toSorted()).toEqual(Object.keys(flatTrial(trialRow(TRIAL))).toSorted());
  });
});
