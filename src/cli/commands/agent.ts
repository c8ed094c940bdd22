import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { AGENT_PORT, runAgent } from '../../app/index.js';
import { interruption } from '../interrupt.js';
import { wholeNumber } from '../options.js';
import type { Output } from '../output.js';

interface AgentCommandOptions {
  readonly host: string;
  readonly port: number;
  readonly threads?: number;
  readonly tokenFile?: string;
}

/** `nas agent`: times networks for others, on this machine, until it is stopped. */
export function agentCommand(output: Output): Command {
  return new Command('agent')
    .description('times networks on this machine for a study that runs elsewhere (--platform agent:URL)')
    .option('--host <address>', 'address to listen on; 0.0.0.0 for all of this machine', '127.0.0.1')
    .option('--port <number>', 'port to listen on', wholeNumber(0, 65_535), AGENT_PORT)
    .option('--threads <n>', 'threads within an operator (default: all cores)', wholeNumber(1, 512))
    .option(
      '--token-file <file>',
      'file that holds the token; made if it is not there (default: NAS_AGENT_TOKEN, or a new one)',
    )
    .action(async (options: AgentCommandOptions) => {
      const { host, port, threads = availableParallelism(), tokenFile } = options;
      const onLine = (line: string): void => output.note(line);
      await using running = await runAgent({
        host,
        port,
        threads,
        tokenFile,
        environment: process.env,
        onLine,
      });
      const { agent, madeToken } = running;
      output.print(`${agent.device.deviceName}, ${counted(threads)}, ${versionsOf(agent.device.versions)}`);
      output.print(`listens on ${agent.url}`);
      if (madeToken !== null) output.print(`token: ${madeToken}`);
      output.note(hint(agent.url, madeToken !== null));
      await stopped(interruption(() => output.note('\nstopping')));
    });
}

function counted(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}

function versionsOf(versions: Readonly<Record<string, string>>): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

/** What to do on the other machine. */
function hint(url: string, made: boolean): string {
  const { hostname, port } = new URL(url);
  const local = /^(127\.|\[?::1)/.test(hostname);
  return [
    'on the machine that searches:',
    `  export NAS_AGENT_TOKEN=${made ? '(the token)' : '(the same token)'}`,
    ...(local ? [`  ssh -N -L ${port}:127.0.0.1:${port} THIS-MACHINE &`] : []),
    `  nas search --platform agent:http://${local ? '127.0.0.1' : 'THIS-MACHINE'}:${port} …`,
    ...(local
      ? []
      : ['HTTP is not encrypted: on a network that you do not trust, use ssh in place of --host']),
  ].join('\n');
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
