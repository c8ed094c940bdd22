import { fork } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { fakeSpec, job, lives, temporaryFolder, until } from './helpers.js';

const controller = new URL('./fixtures/controller.mjs', import.meta.url);
const poolFile = new URL('../../dist/pool/index.js', import.meta.url).href;

describe('a host whose controller is killed', { timeout: 30_000 }, () => {
  it.each([
    ['trains', 'SIGKILL'],
    ['hangs inside a step', 'SIGKILL'],
    ['trains', 'SIGTERM'],
  ] as const)('is gone immediately although it %s (%s)', async (what, signal) => {
    using folder = temporaryFolder();
    const faults = what === 'trains' ? [] : [{ kind: 'hang' as const, trials: [1], attempts: 9 }];
    const long = job(1, { plan: { ...job(1).plan, epochs: what === 'trains' ? 5000 : 1 } });
    const spec = fakeSpec(folder.path, { stepMs: 5, faults });
    const child = fork(controller, [JSON.stringify({ poolFile, spec, job: long })], { execArgv: [] });
    const [host] = (await once(child, 'message')) as [number];
    expect(lives(host)).toBe(true);
    child.kill(signal);
    await once(child, 'exit');
    await until(() => !lives(host));
  });
});
