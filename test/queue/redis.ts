import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Programs of which one is enough. */
const SERVERS = ['redis-server', 'valkey-server'];

const server = SERVERS.find((name) => spawnSync(name, ['--version']).status === 0);

/** Why tests against a real server are skipped; undefined where they run. */
export const noRedis = server === undefined ? 'redis-server is not installed' : undefined;

/** A server on a free port of this machine, with an append-only file, in a folder of its own. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on what it had written. */
  restart(): Promise<void>;
}

/** @param settings further ones, such as `--requirepass` */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'nas-redis-'));
  const port = await freePort();
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
    const kept = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'];
    child = spawn(server ?? '', [...fixed, ...kept, ...settings], { stdio: ['ignore', 'pipe', 'inherit'] });
    const { stdout } = child;
    if (stdout === null) throw new Error('no output');
    let text = '';
    for await (const part of stdout) {
      text += String(part);
      if (/Ready to accept connections/.test(text)) break;
    }
    if (child.exitCode !== null) throw new Error(`redis-server ended: ${text}`);
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return child.pid ?? 0;
    },
    kill,
    restart: start,
    async [Symbol.asyncDispose]() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
