import { chmodSync, cpSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { validateLatencyTable } from '../../src/app/latency/tables.js';
import { replayTrial } from '../../src/app/replay/replay.js';
import { resumeSession } from '../../src/app/study/session.js';
import type { StudySpec } from '../../src/app/study/spec.js';
import { requireTrusted, tableSource, trustFrom } from '../../src/app/study/trust.js';
import { rememberTrust, trustedAt, trustFile } from '../../src/app/study/trust-record.js';
import {
  buildTable,
  openPlatform,
  undisturbed,
  writeTable,
  type DeviceParts,
} from '../../src/latency/index.js';
import { readStudy } from '../../src/trials/index.js';
import { writeStudy } from '../cli/studies.js';
import { additive, fakePlatform, SMALL_YAML, smallSpace } from '../latency/table/world.js';
import { fakeStudy, placesIn, temporaryFolder } from './samples.js';

const TOKEN = 'a-token-of-sixteen-characters';
const signal = new AbortController().signal;

/** Everything that reaches an address that a file names. */
const heard: { readonly authorization: string | undefined }[] = [];
let listener: Server;
let url: string;
let folder: ReturnType<typeof temporaryFolder>;

beforeAll(async () => {
  listener = createServer((request, response) => {
    heard.push({ authorization: request.headers.authorization });
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
});
afterAll(() => void listener.close());
beforeEach(() => {
  heard.length = 0;
  folder = temporaryFolder();
  vi.stubEnv('XDG_STATE_HOME', join(folder.path, 'state'));
  vi.stubEnv('NAS_AGENT_TOKEN', TOKEN);
});
afterEach(() => {
  vi.unstubAllEnvs();
  folder[Symbol.dispose]();
});

const mark = (): string => join(folder.path, 'ran');
const program = (): string => `command:sh -c 'echo ran >> ${mark()}; exit 1'`;

/** A study that came from elsewhere; it is written without the app, so it is not trusted here. */
function foreignStudy(platform: string, also: readonly string[] = []): void {
  const spec: StudySpec = fakeStudy({ platform, also: also.map((one) => ({ platform: one, targetMs: 4 })) });
  writeStudy(placesIn(folder.path).runs, spec, 5, true);
}

describe('a study of others', () => {
  it.each(['first', 'further'])('runs no program and sends no token: the %s platform', async (which) => {
    const hostile = [program(), `agent:${url}`];
    for (const one of hostile) {
      const study = temporaryFolder();
      const spec = fakeStudy(
        which === 'first' ? { platform: one } : { also: [{ platform: one, targetMs: 4 }] },
      );
      writeStudy(placesIn(study.path).runs, spec, 1);
      const places = placesIn(study.path);
      await expect(resumeSession('demo', { places, signal })).rejects.toThrow(
        expect.objectContaining({
          code: 'NAS_PLATFORM_UNTRUSTED',
          found: expect.stringMatching(
            /^study demo .*(runs a program, command:sh -c|sends the agent's token to http)/,
          ) as string,
          fix: expect.stringMatching(/--platform /) as string,
        }),
      );
      study[Symbol.dispose]();
    }
    expect(existsSync(mark())).toBe(false);
    expect(heard).toEqual([]);
  });

  it('is not replayed either', async () => {
    foreignStudy(program());
    const places = placesIn(folder.path);
    using reader = readStudy(join(places.runs, 'demo'));
    await expect(replayTrial(places, reader, { trial: 1, dataFolder: null, signal })).rejects.toMatchObject({
      code: 'NAS_PLATFORM_UNTRUSTED',
    });
    expect(existsSync(mark())).toBe(false);
  });

  it('is trusted from the moment its platform is named, in this place only', async () => {
    foreignStudy(program(), [`agent:${url}`]);
    const places = placesIn(folder.path);
    await expect(resumeSession('demo', { places, signal, platforms: [program()] })).rejects.toThrow(
      /agent's token/,
    );
    const platforms = [program(), `agent:${url}`];
    await (await resumeSession('demo', { places, signal, platforms }))[Symbol.asyncDispose]();
    await (await resumeSession('demo', { places, signal }))[Symbol.asyncDispose]();

    const moved = placesIn(join(folder.path, 'moved'));
    cpSync(places.runs, moved.runs, { recursive: true });
    await expect(resumeSession('demo', { places: moved, signal })).rejects.toThrow(
      /is not trusted on this machine/,
    );
    foreignAt(places.runs);
    await expect(resumeSession('demo', { places, signal })).rejects.toThrow(/is not trusted on this machine/);
  });

  /** Another study under the same name and place, made later. */
  function foreignAt(runs: string): void {
    vi.useFakeTimers({ now: 86_400_000, toFake: ['Date'] });
    const other = temporaryFolder();
    writeStudy(
      other.path,
      fakeStudy({ platform: program(), also: [{ platform: `agent:${url}`, targetMs: 4 }] }),
      1,
    );
    vi.useRealTimers();
    cpSync(join(other.path, 'demo'), join(runs, 'demo'), { recursive: true, force: true });
    other[Symbol.dispose]();
  }

  it('takes no other platform for its own', async () => {
    foreignStudy(program());
    const options = { places: placesIn(folder.path), signal, platforms: ['command:sh'] };
    await expect(resumeSession('demo', options)).rejects.toThrow(
      expect.objectContaining({ code: 'NAS_OTHER_PLATFORM' }),
    );
  });

  it('asks nothing for a platform that runs nothing', async () => {
    foreignStudy('onnxruntime:threads=1', ['table:/nowhere/table.json']);
    await (await resumeSession('demo', { places: placesIn(folder.path), signal }))[Symbol.asyncDispose]();
    expect(existsSync(trustFile())).toBe(false);
  });

  it('says its fix so that a copied line runs nothing by itself', () => {
    const sly = `command:x '$(touch ${mark()})'`;
    try {
      requireTrusted({ name: 'study sly', path: folder.path, id: '1' }, [sly]);
    } catch (error) {
      const { fix } = error as { fix: string };
      const quoted = `'${sly.replaceAll("'", "'\\''")}'`;
      expect(fix).toContain(`--platform ${quoted}`);
    }
    expect.assertions(1);
  });
});

describe('a table of others', { timeout: 60_000 }, () => {
  async function foreignTable(): Promise<string> {
    const space = smallSpace();
    const platform = fakePlatform(additive);
    const { table } = await buildTable({
      ...{ platform, name: 'fake', space, widths: false, networks: 0, before: null, others: [] },
      ...{ surroundings: undisturbed, save: () => undefined },
    });
    const file = join(folder.path, 'table.json');
    writeTable(file, { ...table, platform: program() });
    return file;
  }

  it('runs its program only when it is named, and is trusted then', async () => {
    const space = join(folder.path, 'small.yaml');
    writeFileSync(space, SMALL_YAML);
    const requested = { file: await foreignTable(), space, networks: 10, flavour: 'cpu', seed: '1' } as const;
    const options = { signal, listen: () => undefined };
    const validate = async (platform?: string) =>
      validateLatencyTable({ ...requested, platform }, placesIn(folder.path), options);
    await expect(validate()).rejects.toMatchObject({ code: 'NAS_PLATFORM_UNTRUSTED' });
    expect(existsSync(mark())).toBe(false);
    await expect(validate(program())).rejects.toMatchObject({ code: 'NAS_COMMAND_FAILED' });
    expect(readFileSync(mark(), 'utf8')).toBe('ran\n');
    await expect(validate()).rejects.toMatchObject({ code: 'NAS_COMMAND_FAILED' });
  });
});

describe('the gate where a platform is opened', () => {
  const parts = (environment: DeviceParts['environment'], trusted?: readonly string[]): DeviceParts => ({
    backend: () => Promise.reject(new Error('not needed')),
    ...{ batch: 1, epsilon: 1e-3, threads: 1, onnx: () => new Uint8Array(1), environment },
    temporaryFolder: folder.path,
    ...(trusted === undefined ? {} : { trusted }),
  });

  it('refuses what was not named', async () => {
    const run = { kind: 'command', program: 'sh', args: ['-c', `echo ran >> ${mark()}`] } as const;
    const environment = { NAS_AGENT_TOKEN: TOKEN };
    for (const spec of [run, { kind: 'agent', url } as const])
      for (const trusted of [undefined, [], ['onnxruntime', 'command:sh', 'agent:http://127.0.0.1:1']])
        await expect(openPlatform(spec, parts(environment, trusted))).rejects.toMatchObject({
          code: 'NAS_PLATFORM_UNTRUSTED',
        });
    expect(existsSync(mark())).toBe(false);
    expect(heard).toEqual([]);
  });

  it('sends an agent the token of its address, and the general one where the file has none', async () => {
    const file = join(folder.path, 'tokens');
    const open = (lines: string) => {
      writeFileSync(file, lines);
      heard.length = 0;
      const environment = { NAS_AGENT_TOKEN: TOKEN, NAS_AGENT_TOKENS: file };
      return openPlatform({ kind: 'agent', url }, parts(environment, [`agent:${url}`]));
    };
    await expect(open(`# ours\n${url} token-of-this-one-address\n`)).rejects.toThrow();
    expect(heard[0]).toEqual({ authorization: 'Bearer token-of-this-one-address' });
    await expect(open('http://192.0.2.1:7411 token-of-another-address\n')).rejects.toThrow();
    expect(heard[0]).toEqual({ authorization: `Bearer ${TOKEN}` });
    for (const bad of [
      'no-address token-of-this-one-address',
      `${url} a b`,
      `${url} ${TOKEN}\n${url}/ ${TOKEN}`,
    ]) {
      await expect(open(bad)).rejects.toMatchObject({ code: 'NAS_AGENT_TOKEN_FILE' });
    }
    await expect(open(`${url} short`)).rejects.toMatchObject({
      code: 'NAS_AGENT_TOKEN_FORM',
      found: expect.not.stringContaining('short') as string,
    });
    expect(heard).toEqual([]);
  });
});

describe('the record of trust', () => {
  it('is for its owner only, keeps each thing once and outlives a line that was cut off', () => {
    const file = trustFile();
    rememberTrust(folder.path, 'a', [program()]);
    rememberTrust(folder.path, 'a', [program()]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1);
    writeFileSync(file, `${readFileSync(file, 'utf8')}{"path": "cut off\n`);
    rememberTrust(folder.path, 'b', ['command:x']);
    expect(trustedAt(folder.path, 'a')).toEqual([program()]);
    expect(trustedAt(folder.path, 'b')).toEqual(['command:x']);
  });

  it('counts for nothing where others may write it', () => {
    rememberTrust(folder.path, 'a', [program()]);
    chmodSync(trustFile(), 0o666);
    expect(trustedAt(folder.path, 'a')).toEqual([]);
  });

  it('that cannot be written costs a warning, nothing else', () => {
    writeFileSync(join(folder.path, 'state'), 'a file in its place');
    const notices: string[] = [];
    const source = tableSource(join(folder.path, 'table.json'));
    expect(trustFrom(source, [program()], (text) => notices.push(text))).toEqual([program()]);
    expect(notices).toEqual([
      expect.stringMatching(/^warning: cannot remember that .*table\.json is trusted/),
    ]);
    expect(requireTrusted(source, [program()], [program()])).toEqual([program()]);
  });

  it('lies in ~/.local/state unless XDG_STATE_HOME names a whole path', () => {
    expect(trustFile({ XDG_STATE_HOME: '/state' })).toBe('/state/platform-nas/trusted');
    for (const given of [undefined, '', 'relative'])
      expect(trustFile({ XDG_STATE_HOME: given })).toMatch(/^\/.*\/\.local\/state\/platform-nas\/trusted$/);
  });
});
