import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultProtocol } from '../../src/latency/index.js';
import type { Job } from '../../src/trials/index.js';
import { quickRecipe } from '../../src/train/index.js';
import { startPool, type HostSpecInput, type Pool } from '../../src/pool/index.js';

export const TEXT = 'nas1:28x28x1 cn_k3_s2_c8_hs ir_k3_s1_e16_c8_re gap fc_c10_id';
export const WIDER = 'nas1:28x28x1 cn_k3_s2_c16_hs ir_k3_s1_e64_c16_re gap fc_c10_id';

type Fake = Omit<Extract<HostSpecInput['backend'], { kind: 'fake' }>, 'kind'>;

/** A folder for checkpoints that is removed with the test. */
export function temporaryFolder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'nas-pool-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export function fakeSpec(
  checkpoints: string,
  fake: Fake = {},
  changes: Partial<HostSpecInput> = {},
): HostSpecInput {
  return {
    backend: { kind: 'fake', stepMs: 1, ...fake },
    data: { name: 'fashion-mnist', folder: '.data', heldOut: 0.1, seed: '1', size: null, limit: null },
    recipe: quickRecipe,
    latency: {
      platform: 'tensorflow',
      batch: 1,
      protocol: { ...defaultProtocol, minRuns: 10, maxRuns: 40, repeats: 0 },
    },
    checkpoints,
    workers: 2,
    threads: 1,
    graceSeconds: 0.2,
    ...changes,
  };
}

export function job(trial: number, changes: Partial<Job> = {}): Job {
  return {
    trial,
    text: TEXT,
    seed: `1/trial/${trial}`,
    start: { kind: 'random' },
    plan: { epochs: 1, maxSteps: null, learningRate: 0.1, schedule: 'cosine', warmupEpochs: 0 },
    evaluationSplit: 'validation',
    gateMs: null,
    checkpoint: null,
    ...changes,
  };
}

export interface Opened extends AsyncDisposable {
  readonly pool: Pool;
  readonly checkpoints: string;
  readonly lines: string[];
}

/** A pool of the test double with its own folder; both go with the test. */
export async function openPool(
  fake: Fake = {},
  changes: Partial<HostSpecInput> = {},
  warn?: (text: string) => void,
): Promise<Opened> {
  const folder = temporaryFolder();
  const lines: string[] = [];
  try {
    const pool = await startPool(fakeSpec(folder.path, fake, changes), {
      signal: new AbortController().signal,
      log: (line) => lines.push(line),
      environment: process.env,
      warn,
      // Tests need no time to pass between two hosts.
      restartSeconds: [0],
    });
    return {
      pool,
      checkpoints: folder.path,
      lines,
      async [Symbol.asyncDispose]() {
        await pool[Symbol.asyncDispose]();
        folder[Symbol.dispose]();
      },
    };
  } catch (error) {
    folder[Symbol.dispose]();
    throw error;
  }
}

export const never = new AbortController().signal;
export const goOn = () => 'continue' as const;

/** True while a process of that id exists. */
export function lives(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until a condition holds; fails after the given number of checks, 10 ms apart. */
export async function until(what: () => boolean, looks = 500): Promise<void> {
  for (let i = 0; i < looks; i++) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it never came to be');
}
