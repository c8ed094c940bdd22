import { afterAll, beforeAll } from 'vitest';
import { agentDevice, startAgent, type Agent } from '../../../src/latency/devices/agent/index.js';
import { platformOn } from '../../../src/latency/index.js';
import { describePlatform } from '../../../src/testing/index.js';
import { TOKEN, writer } from './samples.js';

let agent: Agent;
beforeAll(async () => {
  const environment = process.env;
  agent = await startAgent({
    host: '127.0.0.1',
    port: 0,
    token: TOKEN,
    threads: 1,
    version: '0',
    environment,
  });
});
afterAll(() => agent[Symbol.asyncDispose]());

describePlatform('agent', async () =>
  platformOn(await agentDevice({ url: agent.url, token: TOKEN, batch: 1, onnx: writer })),
);
