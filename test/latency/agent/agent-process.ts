import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nasCommand } from '../../cli/nas.js';
import { TOKEN } from './samples.js';

export interface AgentProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** `nas agent` in a separate process, listening. */
export async function startAgentProcess(): Promise<AgentProcess> {
  const cwd = mkdtempSync(join(tmpdir(), 'nas-test-agent-'));
  const args = ['agent', '--port', '0', '--threads', '1'];
  const child = spawn(...nasCommand(args, { cwd, env: { NAS_AGENT_TOKEN: TOKEN } }));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (segment: string) => {
        text += segment;
        const [, found] = /listens on (\S+)/.exec(text) ?? [];
        if (found !== undefined) resolve(found);
      });
    void ended.then(() => reject(new Error(`nas agent ended: ${text}`)));
  });
  return {
    url,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
      rmSync(cwd, { recursive: true, force: true });
    },
  };
}
