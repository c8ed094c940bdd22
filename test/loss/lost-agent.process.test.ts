import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { retryingPool } from '../../src/app/study/retrying-pool.js';
import { createRetry, type RetryEvent } from '../../src/core/index.js';
import { startPool, type HostSpecInput } from '../../src/pool/index.js';
import { quickRecipe } from '../../src/train/index.js';
import { nasCommand } from '../cli/nas.js';
import { TOKEN } from '../latency/agent/samples.js';
import { fakeSpec, goOn, job, never, temporaryFolder } from '../pool/helpers.js';
import { pictures } from '../pool/pictures.js';

const TEXT = 'nas1:12x12x3 cn_k3_s2_c8_re ir_k3_s1_e16_c8_re gap fc_c2_id';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function startAgent(cwd: string, port: string): Promise<{ url: string; child: ChildProcess }> {
  const env = { NAS_AGENT_TOKEN: TOKEN };
  const child = spawn(...nasCommand(['agent', '--port', port, '--threads', '1'], { cwd, env }));
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const found = (): string | undefined => /listens on (\S+)/.exec(text)?.[1];
  await expect.poll(found, { timeout: 30_000 }).toBeDefined();
  return { url: found() ?? '', child };
}

it('an agent that goes away and comes back costs no trial', { timeout: 180_000 }, async () => {
  using folder = temporaryFolder();
  const first = await startAgent(folder.path, '0');
  const base = fakeSpec(folder.path);
  const spec: HostSpecInput = {
    ...base,
    backend: { kind: 'reference' },
    data: {
      ...{ name: await pictures(join(folder.path, 'pictures')), folder: folder.path },
      ...{ heldOut: 0.2, seed: '1', size: 12, limit: null },
    },
    recipe: { ...quickRecipe, batch: 8 },
    latency: { ...base.latency, platform: `agent:${first.url}`, trusted: [`agent:${first.url}`] },
    workers: 1,
  };
  const environment = { ...process.env, NAS_AGENT_TOKEN: TOKEN };
  const events: RetryEvent[] = [];
  const retry = createRetry({ limitSeconds: 120, onEvent: (event) => events.push(event) });
  await using bare = await startPool(spec, { signal: never, log: () => undefined, environment });
  const pool = retryingPool(bare, retry);
  const shape = { schedule: 'cosine', warmupEpochs: 0 } as const;
  const plan = { epochs: 1, maxSteps: 2, learningRate: 0.05, ...shape };
  const evaluate = (trial: number) => pool.evaluate(job(trial, { text: TEXT, plan }), never, goOn);
  expect(await evaluate(1)).toMatchObject({ state: 'done' });
  expect(events).toEqual([]);

  first.child.kill('SIGKILL');
  await once(first.child, 'close');
  const lost = evaluate(2);
  await expect.poll(() => events.length, { timeout: 60_000 }).toBe(1);
  expect(events[0]).toMatchObject({ kind: 'waiting', fault: { code: 'NAS_AGENT_UNREACHABLE' } });
  await startAgent(folder.path, new URL(first.url).port);
  expect(await lost).toMatchObject({ state: 'done', latency: { platform: `agent:${first.url}` } });
  expect(events.map(({ kind }) => kind)).toEqual(['waiting', 'recovered']);
});
