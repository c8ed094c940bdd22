import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { digest, formatBytes, NasError } from '../../../core/index.js';
import type { Device, OnnxWriter, Program } from '../device.js';
import { fingerprintDigest, type Fingerprint } from '../../platform/fingerprint.js';
import { formatPlatform } from '../../platform/parse.js';
import { cancelOnStop } from '../../protocol/cancel.js';
import { connectAgent, notAnAgent, type Patience } from './request.js';
import { checkToken } from './token.js';
import { deviceSchema, runsSchema, type AgentDeviceAnswer } from './wire.js';

export interface AgentDeviceOptions {
  /** Scheme, host and port, as `parsePlatform` gives it. */
  readonly url: string;
  /** Of the agent; neither stored nor shown. */
  readonly token: string | undefined;
  /** Pictures per run. */
  readonly batch: number;
  readonly onnx: OnnxWriter;
  readonly patience?: Partial<Patience>;
  /**
   * 32 hexadecimal digits; who has the same takes turns by itself. This process's own unless given, since its workers
   * measure one at a time anyway.
   */
  readonly session?: string;
  /** Asked now and then while the device is opened; true ends that with `NAS_STOPPED`. */
  readonly stop?: () => boolean;
  /** Called while the agent is waited for. */
  readonly alive?: () => void;
}

/** A call crosses a network and starts with a run that is not like the others. */
const LEAST_BURST = 10;
const PATIENCE: Patience = { lostSeconds: 60, busySeconds: 1800, answerSeconds: 180 };
/** What an agent that hangs may take to take things back, once its calls are cancelled. */
const PARTING_MS = 500;
/** A wrong address should show soon at the start. */
const FIRST_SECONDS = 2;

/**
 * Another machine that runs `nas agent`. The turn there is taken when a network is opened and given back when one is
 * closed, at the end of a session, so that what is timed in turns is not mixed with another client's.
 * @throws NasError `NAS_AGENT_UNREACHABLE`, `NAS_AGENT_TOKEN`, `NAS_AGENT_TOKEN_FORM`, `NAS_AGENT_VERSION`; later also
 *   `NAS_AGENT_BUSY`, `NAS_AGENT_FULL`, `NAS_AGENT_MODEL` and `NAS_DEVICE_CHANGED`
 */
export async function agentDevice(options: AgentDeviceOptions): Promise<Device> {
  const { url, batch, onnx, session = ownSession() } = options;
  const token = checkToken(options.token ?? '', 'NAS_AGENT_TOKEN');
  const patience = { ...PATIENCE, ...options.patience };
  /** Of the running requests. */
  let ending = new AbortController();
  const agent = connectAgent(url, token, session, () => ending.signal, options.alive);
  /** Of those that give back what is held there. */
  let parting = new AbortController();
  const parted = connectAgent(url, token, session, () => parting.signal);
  let hurry: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    hurry ??= setTimeout(() => parting.abort(), PARTING_MS).unref();
    ending.abort(new NasError({ code: 'NAS_STOPPED', found: `the agent at ${url} was let go` }));
  };
  const unwatch = cancelOnStop(cancel, options.stop ?? (() => false));
  const described = await describe(Math.min(FIRST_SECONDS, patience.lostSeconds)).finally(unwatch);
  const fingerprint = fingerprintFrom(described, options);
  const device = fingerprintDigest({ ...described.device, platform: 'agent', batch: 1 });
  const uses = new Map<string, number>();

  async function describe(lostSeconds: number): Promise<AgentDeviceAnswer> {
    const answer = await agent.ask({ method: 'GET', path: '/v1/device' }, { ...patience, lostSeconds });
    const parsed = deviceSchema.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw notAnAgent(url, answer === null ? 'no /v1/device there' : 'another answer to /v1/device');
  }

  async function upload(path: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > described.modelBytes)
      throw new NasError({
        code: 'NAS_AGENT_FULL',
        found: `a network of ${formatBytes(bytes.length)}`,
        expected: `at most ${formatBytes(described.modelBytes)}, as the agent at ${url} takes`,
        fix: 'a smaller network',
      });
    await agent.ask({ method: 'POST', path: '/v1/lease' }, patience);
    if ((await agent.ask({ method: 'PUT', path, body: bytes }, patience)) === null)
      throw notAnAgent(url, 'no /v1/models there');
  }

  /** Some of the runs; uploads the network again when the agent no longer has it (it was started again, say). */
  async function someRuns(
    path: string,
    bytes: Uint8Array,
    count: number,
  ): Promise<{ readonly runsMs: readonly number[]; readonly clockStepMs?: number | undefined }> {
    const ask = () =>
      agent.ask({ method: 'POST', path: `${path}/runs`, body: JSON.stringify({ count }) }, patience);
    let answer = await ask();
    if (answer === null) {
      await describeAgain();
      await upload(path, bytes);
      answer = await ask();
    }
    if (answer === null)
      throw new NasError({
        code: 'NAS_AGENT_MODEL',
        found: `the agent at ${url} lost the network twice while it timed it`,
        fix: 'see the log of nas agent there; memory may be short',
      });
    const parsed = runsSchema.safeParse(answer);
    if (!parsed.success || parsed.data.runsMs.length > count) throw notAnAgent(url, 'another answer to runs');
    if (parsed.data.device !== device) throw changed(await describe(patience.lostSeconds));
    return parsed.data;
  }

  async function describeAgain(): Promise<void> {
    const now = await describe(patience.lostSeconds);
    if (digest(now.device) !== digest(described.device)) throw changed(now);
  }

  function changed(now: AgentDeviceAnswer): NasError {
    return new NasError({
      code: 'NAS_DEVICE_CHANGED',
      found: `the agent at ${url} is now on ${inWords(now)}`,
      expected: `${inWords(described)}, as at the start`,
      fix: 'start it as before, or start a new study: latencies of two devices are never mixed',
      fault: 'permanent',
    });
  }

  /** What is left there is dropped by itself after a while, so that a failure here means nothing. */
  async function giveBack(path: string): Promise<void> {
    const left = (uses.get(path) ?? 1) - 1;
    if (left > 0) return void uses.set(path, left);
    uses.delete(path);
    const soon = { ...patience, lostSeconds: 0, busySeconds: 1, answerSeconds: 10 };
    await parted.ask({ method: 'DELETE', path }, soon).catch(() => undefined);
    await parted.ask({ method: 'DELETE', path: '/v1/lease' }, soon).catch(() => undefined);
  }

  return {
    fingerprint,
    leastBurst: LEAST_BURST,
    elsewhere: true,
    // Runs come as numbers in JSON, of a clock that is unknown here.
    printed: true,
    cancel() {
      cancel();
      ending = new AbortController();
    },
    async open(runnable): Promise<Program> {
      clearTimeout(hurry);
      hurry = undefined;
      if (parting.signal.aborted) parting = new AbortController();
      const bytes = onnx(runnable, batch);
      const path = `/v1/models/${createHash('sha256').update(bytes).digest('hex')}`;
      uses.set(path, (uses.get(path) ?? 0) + 1);
      try {
        await upload(path, bytes);
      } catch (error) {
        await giveBack(path);
        throw error;
      }
      let stepMs = 0;
      return {
        get clockStepMs() {
          return stepMs;
        },
        async time(count) {
          const runs: number[] = [];
          while (runs.length < count) {
            const { runsMs, clockStepMs = 0 } = await someRuns(path, bytes, count - runs.length);
            runs.push(...runsMs);
            stepMs = clockStepMs;
          }
          return runs;
        },
        dispose: () => giveBack(path),
      };
    },
    [Symbol.asyncDispose]() {
      cancel();
      return Promise.resolve();
    },
  };
}

/** Workers of one process share their turn: they hold each other off by themselves. */
function ownSession(): string {
  return digest(`${hostname()} ${process.pid}`).slice(0, 32);
}

function fingerprintFrom({ device }: AgentDeviceAnswer, { url, batch }: AgentDeviceOptions): Fingerprint {
  return Object.freeze({
    ...device,
    platform: formatPlatform({ kind: 'agent', url }),
    batch,
    versions: Object.freeze({ ...device.versions }),
  });
}

function inWords({ device }: AgentDeviceAnswer): string {
  const versions = Object.entries(device.versions).map(([name, version]) => `${name} ${version}`);
  return [device.deviceName, `${device.threads} threads`, ...versions].join(', ');
}
