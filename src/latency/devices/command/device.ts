import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonical, createRng, median, messageOf, NasError } from '../../../core/index.js';
import { buildNetwork, initialWeights } from '../../../network/index.js';
import { parseArchitecture } from '../../../space/index.js';
import { cancelOnStop } from '../../protocol/cancel.js';
import { clockStep } from '../../protocol/clock-step.js';
import type { Device, OnnxWriter, Program } from '../device.js';
import type { Fingerprint } from '../../platform/fingerprint.js';
import { CALL_SECONDS } from '../limits.js';
import { formatPlatform } from '../../platform/parse.js';
import type { Runnable } from '../../platform/platform.js';
import { ownTemporary } from '../temporary.js';
import { joinWords } from '../../platform/words.js';
import { readAnswer, type Answer, type ReportedDevice } from './answer.js';
import { callProgram } from './call.js';

export interface CommandDeviceOptions {
  readonly program: string;
  /** Given before `--model FILE.onnx --runs N --warmup M`. */
  readonly args: readonly string[];
  /** Pictures per run; fixed in the files. */
  readonly batch: number;
  readonly onnx: OnnxWriter;
  /** A folder of our own is made in it for the files, removed at the end or at the next start. */
  readonly temporaryFolder: string;
  /** Runs that the program does before the timed ones in each call; 5 unless given. */
  readonly warmup?: number;
  /** Seconds for which one call may print nothing, also while it builds an engine; {@link CALL_SECONDS} unless given. */
  readonly deadlineSeconds?: number;
  /** All of the environment that the program gets, the agent's token left out. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Asked now and then while the device is opened; true ends that with `NAS_STOPPED`. */
  readonly stop?: () => boolean;
  /** Called with each line that the program writes to standard error. */
  readonly onLine?: (line: string) => void;
  /** Called whenever the program writes something. */
  readonly alive?: () => void;
}

/** A small network that every runtime knows, for the first call. */
const PROBE = 'nas1:32x32x3 cn_k3_s2_c8_re gap fc_c10_id';
/** Each call starts a process: fewer runs are not worth one. */
const LEAST_BURST = 20;
/** A sample is at least this number of steps of the program's clock long, where it can repeat runs. */
const STEPS_PER_SAMPLE = 100;
const MOST_REPEATS = 10_000;

/**
 * Any program that times an ONNX file: `PROGRAM [ARGS] --model FILE.onnx --runs N --warmup M` prints
 * `{"runsMs":[…],"device":"…","versions":{…}}` as the last line of standard output and ends with code 0.
 *
 * At opening it is called once with a small network, so that an error shows immediately and the device is known. Each
 * network is called once with one run when it is opened: a program may use that to build an engine, and may keep it
 * next to the file, which stays at its path while the network is open. A program that answers `"repeat":true` gets `--repeat K`
 * where its clock is coarse: each of its times is then the mean over K runs in a row.
 * @throws NasError `NAS_COMMAND_START`, `NAS_COMMAND_FAILED`, `NAS_COMMAND_LATE`, `NAS_COMMAND_OUTPUT`; from a later
 *   call also `NAS_DEVICE_CHANGED`; `NAS_TEMPORARY` when the files cannot be written
 */
export async function commandDevice(options: CommandDeviceOptions): Promise<Device> {
  const { program, args, batch, onnx, temporaryFolder } = options;
  const {
    warmup = 5,
    deadlineSeconds = CALL_SECONDS,
    environment,
    onLine = () => undefined,
    stop = () => false,
  } = options;
  const shown = joinWords([program, ...args]);
  const calls = new Set<AbortController>();
  let closed = false;
  const folder = onDisk(temporaryFolder, () => ownTemporary(temporaryFolder, 'command'));
  let files = 0;

  async function call(file: string, runs: number, warm: number, repeat = 1): Promise<Answer> {
    if (closed) throw stopped();
    const ending = new AbortController();
    calls.add(ending);
    const stdout = await callProgram({
      program,
      args: [
        ...args,
        '--model',
        file,
        '--runs',
        String(runs),
        '--warmup',
        String(warm),
        ...(repeat > 1 ? ['--repeat', String(repeat)] : []),
      ],
      shown,
      deadlineMs: 1000 * deadlineSeconds,
      signal: ending.signal,
      environment,
      onLine,
      alive: options.alive,
    }).finally(() => calls.delete(ending));
    return readAnswer(stdout, runs, shown);
  }

  const stopped = (): NasError => new NasError({ code: 'NAS_STOPPED', found: `${shown} was stopped` });
  const cancel = (): void => {
    for (const ending of calls) ending.abort(stopped());
  };

  function write(runnable: Runnable): { readonly place: string; readonly file: string } {
    const bytes = onnx(runnable, batch);
    const place = join(folder, String(++files));
    const file = join(place, 'model.onnx');
    onDisk(folder, () => {
      mkdirSync(place);
      writeFileSync(file, bytes);
    });
    return { place, file };
  }

  async function probe(): Promise<ReportedDevice> {
    const network = buildNetwork(parseArchitecture(PROBE));
    const { place, file } = write({ network, weights: initialWeights(network, createRng('probe')) });
    const { device } = await call(file, 1, 0);
    remove(place);
    return device;
  }

  const unwatch = cancelOnStop(cancel, stop);
  const first = await probe()
    .catch((error: unknown) => {
      remove(folder);
      throw error;
    })
    .finally(unwatch);
  const same = (answer: Answer): Answer => {
    if (canonical(answer.device) === canonical(first)) return answer;
    throw new NasError({
      code: 'NAS_DEVICE_CHANGED',
      found: `${shown} now runs on ${inWords(answer.device)}`,
      expected: `${inWords(first)}, as at the start`,
      fix: 'use the first device again, or start a new study: latencies of two devices are never mixed',
      fault: 'permanent',
    });
  };

  /** How many runs a sample is the mean of, and the clock's step by one of them; found by a call where it can repeat. */
  async function batched(file: string): Promise<{ readonly repeat: number; readonly clockStepMs: number }> {
    const { runsMs } = same(await call(file, LEAST_BURST, warmup));
    const stepMs = clockStep(runsMs, true);
    const needed = Math.ceil((STEPS_PER_SAMPLE * stepMs) / median(runsMs));
    const repeat = Math.max(1, Math.min(MOST_REPEATS, needed));
    return { repeat, clockStepMs: stepMs / repeat };
  }

  return {
    fingerprint: fingerprint(options, first),
    leastBurst: LEAST_BURST,
    elsewhere: true,
    cancel,
    printed: true,
    async open(runnable): Promise<Program> {
      const { place, file } = write(runnable);
      let timing = { repeat: 1, clockStepMs: 0 };
      try {
        const { repeat } = same(await call(file, 1, 0));
        if (repeat) timing = await batched(file);
      } catch (error) {
        remove(place);
        throw error;
      }
      return {
        clockStepMs: timing.clockStepMs,
        time: async (count) => same(await call(file, count, warmup, timing.repeat)).runsMs,
        dispose: () => remove(place),
      };
    },
    [Symbol.asyncDispose]() {
      closed = true;
      cancel();
      remove(folder);
      return Promise.resolve();
    },
  };
}

/** Of the device that the program names; of this machine nothing is known to matter. */
function fingerprint({ program, args, batch }: CommandDeviceOptions, device: ReportedDevice): Fingerprint {
  return Object.freeze({
    platform: formatPlatform({ kind: 'command', program, args }),
    batch,
    backend: 'command',
    device: device.kind,
    deviceName: device.name,
    threads: device.threads,
    versions: Object.freeze({ ...device.versions }),
    cpu: 'unknown',
    cores: 0,
    os: 'unknown',
  });
}

function inWords({ name, kind, threads, versions }: ReportedDevice): string {
  const parts = Object.entries(versions).map(([what, version]) => `${what} ${version}`);
  return [`${name} (${kind})`, ...(threads === 0 ? [] : [`${threads} threads`]), ...parts].join(', ');
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

function onDisk<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new NasError({
      code: 'NAS_TEMPORARY',
      found: `models cannot be written below ${folder} (${messageOf(cause)})`,
      fix: 'free space there, or set TMPDIR to a folder that you may write to',
      cause,
    });
  }
}
