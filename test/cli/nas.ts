import { spawn, type SpawnOptionsWithStdioTuple } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = (name: 'nas' | 'netadapt'): string =>
  fileURLToPath(new URL(`../../dist/cli/${name}.js`, import.meta.url));

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface NasOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Run as this user; only root may. */
  readonly uid?: number;
  readonly bin?: 'nas' | 'netadapt';
}

/** Where commands started in a folder remember what this user trusts: never the real user's place. */
export function stateOf(cwd: string): string {
  return join(cwd, 'state');
}

/** What `spawn` takes for the built command line, without the environment's own NAS settings. */
export function nasCommand(
  args: readonly string[],
  { cwd, env = {}, uid, bin = 'nas' }: NasOptions,
): [string, readonly string[], SpawnOptionsWithStdioTuple<'ignore', 'pipe', 'pipe'>] {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(NAS_|FORCE_COLOR|NODE_OPTIONS)/.test(name),
  );
  return [
    process.execPath,
    [program(bin), ...args],
    {
      cwd,
      env: {
        ...Object.fromEntries(inherited),
        NO_COLOR: '1',
        COLUMNS: '100',
        XDG_STATE_HOME: stateOf(cwd),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    },
  ];
}

/** Runs it to its end in a separate process. */
export function nas(args: readonly string[], options: NasOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(...nasCommand(args, options));
    const texts = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => (texts[stream] += text));
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...texts }));
  });
}

/** An empty folder that is removed with the test. */
export function emptyFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'nas-cli-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Every path below a folder. */
export function listing(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}
