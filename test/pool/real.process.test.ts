import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startPool, type HostSpecInput } from '../../src/pool/index.js';
import { textOfWeights } from '../../src/network/index.js';
import { quickRecipe } from '../../src/train/index.js';
import type { Outcome } from '../../src/trials/index.js';
import { fakeSpec, goOn, job, never, temporaryFolder } from './helpers.js';
import { pictures } from './pictures.js';

const WIDE = 'nas1:12x12x3 cn_k3_s2_c8_re ir_k3_s1_e16_c8_re gap fc_c2_id';
const NARROW = 'nas1:12x12x3 cn_k3_s2_c8_re ir_k3_s1_e8_c8_re gap fc_c2_id';

const tensorflow = join(process.cwd(), '.tensorflow');
const backends: [string, HostSpecInput['backend'], boolean][] = [
  ['reference', { kind: 'reference' }, true],
  [
    'tensorflow',
    { kind: 'tensorflow', flavour: 'cpu', directory: tensorflow, deterministic: false },
    existsSync(join(tensorflow, 'cpu', 'tfjs_binding.node')),
  ],
];

describe.each(backends)('pool on the backend %s', (_name, backend, present) => {
  it.skipIf(!present)(
    `${present ? '' : '(skipped: TensorFlow is not set up here: run npx nas setup) > '}trains two candidates concurrently, times them, repeats by seed, and resumes from a checkpoint`,
    { timeout: 120_000 },
    async () => {
      using folder = temporaryFolder();
      const name = await pictures(join(folder.path, 'pictures'));
      const base = fakeSpec(folder.path);
      const lines: string[] = [];
      const spec: HostSpecInput = {
        ...base,
        backend,
        data: { name, folder: folder.path, heldOut: 0.2, seed: '1', size: 12, limit: null },
        recipe: { ...quickRecipe, batch: 8 },
        latency: {
          ...base.latency,
          // Not cut short on a busy machine, on which the plain backend needs seconds for its reference network.
          protocol: { ...base.latency.protocol, warmupRuns: 4, burst: 4, maxRuns: 12, maxSeconds: 30 },
        },
        graceSeconds: 10,
      };
      await using pool = await startPool(spec, {
        signal: never,
        log: (line) => lines.push(line),
        environment: process.env,
      });
      const plan = {
        epochs: 3,
        maxSteps: null,
        learningRate: 0.05,
        schedule: 'cosine',
        warmupEpochs: 0.5,
      } as const;
      const train = (trial: number, text: string, changes = {}): Promise<Outcome> =>
        pool.evaluate(job(trial, { text, plan, seed: 'same', ...changes }), never, goOn);
      const [wide, again] = await Promise.all([train(1, WIDE, { checkpoint: 'wide' }), train(2, WIDE)]);
      if (wide.state !== 'done' || again.state !== 'done')
        throw new Error(JSON.stringify([wide, again, lines]));
      expect(wide.accuracy).toBeGreaterThan(0.9);
      expect(again.accuracy).toBe(wide.accuracy);
      expect(wide.curve.at(-1)?.loss).toBeCloseTo(again.curve.at(-1)?.loss ?? 0, 4);
      expect(textOfWeights(readFileSync(join(folder.path, 'wide')))).toBe(WIDE);

      const start = { kind: 'surgery', checkpoint: 'wide', text: WIDE } as const;
      const short = { ...plan, epochs: 1, learningRate: 0.005 };
      const narrow = await train(3, NARROW, { start, plan: short, gateMs: 1000 });
      expect(narrow).toMatchObject({ state: 'done' });
      const wrong = await train(4, 'nas1:12x12x3 cn_k3_s2_c8_re gap fc_c3_id');
      expect(wrong.state === 'failed' && wrong.reason).toMatch(/2 classes/);

      const [first, second] = await pool.measure([WIDE, NARROW], never);
      expect(first?.runs).toBeGreaterThanOrEqual(10);
      expect(second?.fingerprint).toBe(first?.fingerprint);
      expect(wide.latency.fingerprint).toBe(first?.fingerprint);
    },
  );
});
