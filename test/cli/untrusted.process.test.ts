import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nasProgram } from '../../src/cli/program.js';
import { buildTable, undisturbed, writeTable } from '../../src/latency/index.js';
import { spaceFromYaml } from '../../src/space/index.js';
import { writePictures } from '../app/pictures.js';
import { fakeStudy } from '../app/samples.js';
import { additive, fakePlatform } from '../latency/table/world.js';
import { emptyFolder, nas, nasCommand, stateOf, type Answer } from './nas.js';
import { silent } from './silent.js';
import { TINY_SPACE, writeStudy } from './studies.js';

/** Answers every call of the platform `command`, and notes each in a file. */
const device = fileURLToPath(new URL('hanging-device.mjs', import.meta.url));

/** Commands that would open what a file names as a platform: words, and whether the file is named. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  start: ['start', '--study', 'demo'],
  search: ['search', '--resume', '--study', 'demo'],
  'proxy-check': ['proxy-check', '--resume', '--study', 'demo'],
  'netadapt refine': ['netadapt', 'refine', '1', '--study', 'demo', '--target-latency', '1ms'],
  retrain: ['retrain', '1', '--study', 'demo'],
  replay: ['replay', '1', '--study', 'demo'],
  'latency validate': ['latency', 'validate', 'table.json', '--space', 'tiny.yaml'],
};

/** Commands that read a study or a table, or could, and open no platform of it. */
const READING: Readonly<Record<string, readonly string[]>> = {
  studies: ['studies'],
  trials: ['trials', 'demo'],
  show: ['show', '1', '--study', 'demo'],
  family: ['family', '1', '--study', 'demo'],
  compare: ['compare', 'demo:1', 'demo:2'],
  frontier: ['frontier', 'demo'],
  prune: ['prune', 'demo'],
  report: ['report', 'demo'],
  repair: ['repair', 'demo'],
  export: ['export', '1', '--study', 'demo', '--format', 'json', '--no-verify'],
  'latency show': ['latency', 'show', 'table.json'],
  'latency export': ['latency', 'export', 'table.json'],
  'latency import': ['latency', 'import', 'table.json', '--out', 'imported.json'],
};

/** Commands that read neither, or of which another test says it: the dashboard below. */
const OTHERS = [
  'setup',
  'doctor',
  'data get',
  'data check',
  'data list',
  'arch',
  'detector',
  'space',
  'latency build',
  'bench strategies',
  'agent',
  'worker',
  'workers',
  'dashboard',
];

function leaves(command: Command, words: readonly string[] = []): string[] {
  if (command.commands.length === 0) return [words.join(' ')];
  return command.commands.flatMap((one) => leaves(one, [...words, one.name()]));
}

describe('a study and a table of others', { timeout: 240_000 }, () => {
  let folder: ReturnType<typeof emptyFolder>;
  let listener: Server;
  let heard = 0;
  const mark = (): string => join(folder.path, 'ran');

  beforeAll(async () => {
    folder = emptyFolder();
    listener = createServer((_, response) => {
      heard++;
      response.end();
    });
    listener.on('connection', () => heard++);
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as AddressInfo;
    const platform = `command:sh -c 'echo ran >> ${mark()}'`;
    const also = [{ platform: `agent:http://127.0.0.1:${port}`, targetMs: 4 }];
    writeStudy(join(folder.path, 'runs'), fakeStudy({ platform, also }), 5, true);
    writeFileSync(join(folder.path, 'tiny.yaml'), TINY_SPACE);
    const { table } = await buildTable({
      platform: fakePlatform(additive),
      space: spaceFromYaml(TINY_SPACE, { input: [8, 8, 3], classes: 2 }),
      ...{ name: 'fake', widths: false, networks: 0, before: null, others: [] },
      ...{ surroundings: undisturbed, save: () => undefined },
    });
    writeTable(join(folder.path, 'table.json'), { ...table, platform });
  });
  afterAll(() => {
    listener.close();
    folder[Symbol.dispose]();
  });

  const run = (words: readonly string[]): Promise<Answer> =>
    nas(words, { cwd: folder.path, env: { NAS_AGENT_TOKEN: 'a-token-of-sixteen-characters' } });

  it('are the subject of every command below', () => {
    const listed = [...Object.keys(REFUSED), ...Object.keys(READING), ...OTHERS];
    expect(leaves(nasProgram(silent)).sort()).toEqual(listed.sort());
  });

  it.each(Object.entries(REFUSED))('run nothing and get no token by nas %s', async (_, words) => {
    const { code, stderr } = await run(words);
    expect(stderr).toMatch(
      /^error: .*(study demo|table\.json) runs a program.*--platform .*\[NAS_PLATFORM_UNTRUSTED\]$/m,
    );
    expect(code).toBe(2);
    expect({ ran: existsSync(mark()), heard }).toEqual({ ran: false, heard: 0 });
  });

  it.each(Object.entries(READING))('can be read by nas %s, which runs nothing', async (_, words) => {
    expect(await run(words)).toMatchObject({ code: 0 });
    expect({ ran: existsSync(mark()), heard }).toEqual({ ran: false, heard: 0 });
  });

  it('can be seen in the dashboard, which runs nothing', async () => {
    const [file, args, options] = nasCommand(['dashboard', '--port', '0'], { cwd: folder.path });
    const child = spawn(file, args, options);
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await expect.poll(() => /open (http\S+)/.exec(text)?.[1], { timeout: 60_000 }).toBeDefined();
    const url = /open (http\S+)/.exec(text)?.[1] ?? '';
    for (const path of ['api/studies', 'api/studies/demo'])
      expect((await fetch(new URL(path, url))).status).toBe(200);
    child.kill();
    await once(child, 'close');
    expect({ ran: existsSync(mark()), heard }).toEqual({ ran: false, heard: 0 });
  });

  it('leave a whole run that was not named to begin a new one', async () => {
    const { stderr } = await run(['start', '--data', 'images:none', '--platform', 'onnxruntime']);
    expect(stderr).not.toMatch(/NAS_PLATFORM_UNTRUSTED/);
    expect({ ran: existsSync(mark()), heard }).toEqual({ ran: false, heard: 0 });
  });
});

describe('a study of my own', { timeout: 240_000 }, () => {
  it('is trusted from the start, elsewhere only when its platform is named', async () => {
    using folder = emptyFolder();
    const cwd = folder.path;
    await writePictures(join(cwd, 'pictures'), 8, 8);
    writeFileSync(join(cwd, 'tiny.yaml'), TINY_SPACE);
    const platform = `command:node ${device} ${cwd} 1000000`;
    const calls = (): number => readFileSync(join(cwd, 'calls')).length;
    const made = await nas(
      [
        ...[
          'search',
          '--study',
          'demo',
          '--backend',
          'reference',
          '--data',
          'images:pictures',
          '--size',
          '8',
        ],
        ...['--space', 'tiny.yaml', '--batch', '4', '--steps', '2', '--workers', '1', '--trials', '1'],
        ...['--target-latency', '100ms', '--platform', platform],
      ],
      { cwd },
    );
    expect(made).toMatchObject({ code: 0 });
    const again = ['search', '--resume', '--study', 'demo', '--trials'];
    const before = calls();
    expect(await nas([...again, '2'], { cwd })).toMatchObject({ code: 0 });
    expect(calls()).toBeGreaterThan(before);

    // The same files, but another user, or another machine.
    mkdirSync(join(cwd, 'other'));
    const env = { XDG_STATE_HOME: join(cwd, 'other') };
    const elsewhere = calls();
    expect((await nas([...again, '3'], { cwd, env })).stderr).toMatch(/NAS_PLATFORM_UNTRUSTED/);
    expect(calls()).toBe(elsewhere);
    const named = await nas(['replay', '1', '--platform', platform], { cwd, env });
    expect(named.stderr).not.toMatch(/^error/m);
    expect(calls()).toBeGreaterThan(elsewhere);
    expect(await nas([...again, '3'], { cwd, env })).toMatchObject({ code: 0 });
    expect(readFileSync(join(stateOf(cwd), 'platform-nas', 'trusted'), 'utf8').split('\n')).toHaveLength(2);
  });
});
