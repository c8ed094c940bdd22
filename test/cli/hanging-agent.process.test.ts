import { expect, it } from 'vitest';
import { stopwatch } from '../../src/core/index.js';
import { startAgentProcess } from '../latency/agent/agent-process.js';
import { hangingAgent } from '../latency/agent/hanging-agent.js';
import { TOKEN } from '../latency/agent/samples.js';
import { emptyFolder } from './nas.js';
import { searching } from './searching.js';

/** From which request on, of which kind, nothing is answered. */
const STAGES: Readonly<Record<string, readonly [asked: RegExp, nth: number]>> = {
  'while the command tries it': [/device$/, 1],
  'while the host opens it': [/device$/, 2],
  'while a network is sent': [/^PUT /, 2],
  'in the middle of a session': [/runs$/, 30],
};

it.each(Object.entries(STAGES))(
  'an agent that never answers again holds up no stop: %s',
  { timeout: 120_000 },
  async (_, [asked, nth]) => {
    using folder = emptyFolder();
    await using agent = await startAgentProcess();
    let met = 0;
    using between = await hangingAgent(agent.url, (request) => asked.test(request) && ++met === nth);
    const { child, ended } = await searching(folder.path, `agent:${between.url}`, { NAS_AGENT_TOKEN: TOKEN });
    await expect.poll(between.hangs, { timeout: 60_000, interval: 20 }).toBe(true);
    const elapsed = stopwatch();
    child.kill('SIGTERM');
    expect(await ended).toBe(130);
    // Not 10 s for each of its calls, nor 20 s, after which a task that does not stop is ended by force.
    expect(elapsed()).toBeLessThan(8_000);
    if (process.env['SHOW'] !== undefined) console.log(elapsed());
  },
);
