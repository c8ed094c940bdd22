import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownFolder } from '../../../src/core/index.js';
import { defaultProtocol, timeInterleaved } from '../../../src/latency/index.js';
import { commandDevice, type CommandDeviceOptions } from '../../../src/latency/devices/command/index.js';

const PROGRAM = fileURLToPath(new URL('program.mjs', import.meta.url));
const runnable = {
  network: { input: [8, 8, 1] as const, classes: 2, layers: [], parameters: [] },
  weights: new Map<string, Float32Array>(),
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nas-test-command-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(args: readonly string[], changes: Partial<CommandDeviceOptions> = {}) {
  return commandDevice({
    program: process.execPath,
    args: [PROGRAM, ...args],
    batch: 3,
    onnx: (_, batch) => Uint8Array.of(7, batch),
    temporaryFolder: folder,
    environment: process.env,
    ...changes,
  });
}

/** Opens, times five runs and closes; the folder must then be as empty as before. */
async function timeWith(args: readonly string[], changes: Partial<CommandDeviceOptions> = {}) {
  try {
    await using device = await open(args, changes);
    const program = await device.open(runnable);
    const times = await program.time(5);
    await program.dispose();
    return { times, fingerprint: device.fingerprint };
  } finally {
    expect(readdirSync(folder).filter((name) => name.startsWith('nas-command'))).toEqual([]);
  }
}

describe('the platform command', { timeout: 60_000 }, () => {
  it('times what the program says, and knows the device from it', async () => {
    const lines: string[] = [];
    const { times, fingerprint } = await timeWith(['good'], { onLine: (line) => lines.push(line) });
    expect(times).toEqual([2, 2, 2, 2, 2]);
    expect(fingerprint).toMatchObject({
      batch: 3,
      backend: 'command',
      device: 'cpu',
      deviceName: 'Pixel 8',
      versions: { runtime: '1.2' },
    });
    expect(fingerprint.platform).toMatch(/^command:.*program\.mjs good$/);
    expect(lines).toEqual(['reading model.onnx', 'reading model.onnx', 'reading model.onnx']);
  });

  it('calls it with the file, runs and warm-up behind its own arguments, and no shell reads them', async () => {
    const log = join(folder, 'log');
    const own = ['--log', log, 'two words', '$HOME;*', "it's"];
    const environment = { ...process.env, NAS_AGENT_TOKEN: 'secret', NAS_AGENT_TOKENS: '/a/file' };
    await timeWith(['log', ...own], { warmup: 4, environment });
    const calls = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as {
            args: string[];
            runs: number;
            warmup: number;
            bytes: number[];
            token: null;
            tokens: string[];
          },
      );
    expect(calls.map(({ runs, warmup }) => [runs, warmup])).toEqual([
      [1, 0],
      [1, 0],
      [5, 4],
    ]);
    for (const { args, bytes, token, tokens } of calls) {
      expect(token).toBeNull();
      expect(tokens).toEqual([]);
      expect(args.slice(1, 6)).toEqual(own);
      expect(args[6]).toBe('--model');
      expect(args[7]).toMatch(/nas-command-\d+-\d+-\d+-\w+\/\d\/model\.onnx$/);
      expect(bytes).toEqual([7, 3]);
    }
    expect(calls[1]?.args[7]).toBe(calls[2]?.args[7]);
  });

  it('counts the last ones when the program did more runs', async () => {
    expect((await timeWith(['more'])).times).toEqual([3, 3, 3, 3, 3]);
  });

  it('asks for more than a few runs per call, since each call starts a process', async () => {
    await using device = await open(['good']);
    expect(device.leastBurst).toBeGreaterThan(1);
  });

  it('does not wait for what the program left running', async () => {
    expect((await timeWith(['daemon'])).times).toHaveLength(5);
  });

  it('takes any amount of standard error', async () => {
    let longest = 0;
    await timeWith(['noise'], { onLine: (line) => (longest = Math.max(longest, line.length)) });
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThanOrEqual(500);
  });
});

describe('a program that goes wrong', { timeout: 60_000 }, () => {
  const device = '"device":"x"';
  it.each<[string, string[], string, RegExp]>([
    [
      'ends with a code',
      ['exit'],
      'NAS_COMMAND_FAILED',
      /exit code 3: adb: device offline \| \[31mgiving up \[0m;/,
    ],
    ['says why on standard output', ['exit-quietly'], 'NAS_COMMAND_FAILED', /exit code 1: adb: no devices/],
    ['throws', ['throws'], 'NAS_COMMAND_FAILED', /exit code 1: TypeError: no such operator;/],
    ['is killed', ['signal'], 'NAS_COMMAND_FAILED', /ended with SIGSEGV/],
    ['prints nothing', ['nothing'], 'NAS_COMMAND_OUTPUT', /no output; expected \{"runsMs"/],
    ['prints text', ['text'], 'NAS_COMMAND_OUTPUT', /not JSON: "median 2 ms \\u001b\[2J"/],
    ['prints without end', ['flood'], 'NAS_COMMAND_OUTPUT', /more than 1 MB/],
    ['prints NaN', ['nan'], 'NAS_COMMAND_OUTPUT', /expected numbers, not NaN/],
    ['prints more than a number holds', ['huge'], 'NAS_COMMAND_OUTPUT', /runsMs\[0\]/],
    ['prints a list', ['json', '[1,2]'], 'NAS_COMMAND_OUTPUT', /wrong value .*object/],
    ['prints null', ['json', 'null'], 'NAS_COMMAND_OUTPUT', /wrong value/],
    ['prints no runs', ['json', `{${device}}`], 'NAS_COMMAND_OUTPUT', /wrong runsMs/],
    [
      'prints a time below zero',
      ['json', `{"runsMs":[-1],${device}}`],
      'NAS_COMMAND_OUTPUT',
      /runsMs\[0\].*>0/,
    ],
    ['prints a time of zero', ['json', `{"runsMs":[0],${device}}`], 'NAS_COMMAND_OUTPUT', /runsMs\[0\].*>0/],
    ['prints times as text', ['json', `{"runsMs":["1"],${device}}`], 'NAS_COMMAND_OUTPUT', /runsMs\[0\]/],
    ['prints null for a time', ['json', `{"runsMs":[null],${device}}`], 'NAS_COMMAND_OUTPUT', /runsMs\[0\]/],
    ['names no device', ['json', '{"runsMs":[1]}'], 'NAS_COMMAND_OUTPUT', /wrong device/],
    ['names an empty device', ['json', '{"runsMs":[1],"device":" "}'], 'NAS_COMMAND_OUTPUT', /wrong device/],
    [
      'names a device in control characters',
      ['json', '{"runsMs":[1],"device":"\\u001b[2J"}'],
      'NAS_COMMAND_OUTPUT',
      /wrong device \(no control characters\)/,
    ],
    [
      'gives versions that are no texts',
      ['json', `{"runsMs":[1],${device},"versions":{"a":1}}`],
      'NAS_COMMAND_OUTPUT',
      /wrong versions\.a/,
    ],
    ['does fewer runs', ['fewer'], 'NAS_COMMAND_OUTPUT', /1 runs in runsMs; expected 5, as --runs 5 asked/],
    ['refuses the network', ['refuses'], 'NAS_COMMAND_FAILED', /unsupported operator HardSwish/],
    [
      'runs on another device later',
      ['changes'],
      'NAS_DEVICE_CHANGED',
      /Pixel 9.*expected Pixel 8.*never mixed/,
    ],
    [
      'has another version later',
      ['changes-version'],
      'NAS_DEVICE_CHANGED',
      /runtime 1\.3; expected.*runtime 1\.2/,
    ],
  ])('%s', async (_, args, code, message) => {
    await expect(timeWith(args)).rejects.toMatchObject({
      name: 'NasError',
      code,
      message: expect.stringMatching(message) as string,
      expected: expect.any(String) as string,
      fix: expect.any(String) as string,
    });
  });

  it('is not there', async () => {
    for (const program of ['no-such-program-here', './no/such/file', join(folder, 'none')])
      await expect(timeWith([], { program, args: [] })).rejects.toMatchObject({
        code: 'NAS_COMMAND_START',
        message: expect.stringContaining(`no program ${program}`) as string,
      });
  });

  it('is a file that may not be executed, a folder, or has no interpreter', async () => {
    const script = join(folder, 'script');
    writeFileSync(script, '#!/no/such/interpreter\n');
    await expect(timeWith([], { program: script })).rejects.toThrow(/may not be executed.*chmod \+x/);
    await expect(timeWith([], { program: folder })).rejects.toMatchObject({ code: 'NAS_COMMAND_START' });
    chmodSync(script, 0o755);
    await expect(timeWith([], { program: script })).rejects.toThrow(/interpreter in the first line/);
    await expect(timeWith(['a\0b'])).rejects.toMatchObject({ code: 'NAS_COMMAND_START' });
  });

  it('does not end: it is ended after the deadline, with all that it started', async () => {
    const log = join(folder, 'pids');
    await expect(timeWith(['hang', '--log', log], { deadlineSeconds: 1 })).rejects.toMatchObject({
      code: 'NAS_COMMAND_LATE',
      message: expect.stringMatching(/did not end within 1 s: waiting for the phone/) as string,
    });
    const pids = readFileSync(log, 'utf8').split(' ').map(Number);
    expect(pids).toHaveLength(2);
    await expect.poll(() => pids.some(runs)).toBe(false);
  });

  it('is ended when the device is closed', async () => {
    const device = await open(['good']);
    const program = await device.open(runnable);
    const timing = program.time(5);
    await device[Symbol.asyncDispose]();
    await expect(timing).rejects.toMatchObject({ code: 'NAS_STOPPED' });
  });
});

describe('files of the platform command', { timeout: 60_000 }, () => {
  it('of a killed process are removed at the next start, those of running ones stay', async () => {
    // This process's own, whose name has its number space and start.
    const running = ownFolder(folder, 'command');
    const [, space, pid, start] = /nas-command-(\d+)-(\d+)-(\d+)-/.exec(running)!;
    const gone = join(folder, `nas-command-${space}-4194304-1-abcdef`);
    const before = join(folder, `nas-command-${space}-${pid}-${Number(start) - 1}-abcdef`);
    const container = join(folder, 'nas-command-1-4194304-1-abcdef');
    const others = join(folder, `nas-other-${space}-4194304-1-abcdef`);
    for (const path of [gone, before, container, others]) mkdirSync(path);
    const device = await open(['good']);
    expect([gone, before].map((path) => existsSync(path))).toEqual([false, false]);
    expect([running, container, others].map((path) => existsSync(path))).toEqual([true, true, true]);
    await device[Symbol.asyncDispose]();
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it('that cannot be written are reported', async () => {
    await expect(open(['good'], { temporaryFolder: join(process.execPath, 'none') })).rejects.toMatchObject({
      code: 'NAS_TEMPORARY',
    });
  });
});

/** Whether the process runs; one that has ended and waits to be collected does not. */
function runs(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a program whose clock steps 1 ms', { timeout: 60_000 }, () => {
  it.each([
    ['can', 0.01],
    ['cannot', 1],
  ])('and that %s repeat runs has intervals no narrower than a step of %f ms', async (mode, stepMs) => {
    await using device = await open(['coarse', mode]);
    const program = await device.open(runnable);
    const protocol = { ...defaultProtocol, maxRuns: 200, minRuns: 40 };
    const options = { printed: device.printed, leastBurst: device.leastBurst };
    const session = await timeInterleaved([program], protocol, options);
    const { medianMs, lowMs, highMs } = session!.networks[0]!;
    expect(highMs - lowMs).toBeGreaterThanOrEqual(0.99 * stepMs);
    expect(lowMs).toBeLessThanOrEqual(1.3);
    expect(highMs).toBeGreaterThanOrEqual(1.3);
    if (mode === 'can') expect(Math.abs(medianMs - 1.3)).toBeLessThan(0.013);
    await program.dispose();
  });
});
