import { fork, type ChildProcess } from 'node:child_process';
import { ONNXRUNTIME_ENVIRONMENT } from '../../../backends/index.js';
import { entryFile, NasError } from '../../../core/index.js';
import { endWithUs } from '../../../process/index.js';
import { lineCollector } from '../last-lines.js';
import { withMemoryLimit } from './memory-limit.js';
import type { FromRunner, ToRunner } from './runner-messages.js';

/** What a call to the runner may come to; only bugs are thrown. */
export type Outcome =
  | { readonly state: 'done'; readonly runsMs: readonly number[]; readonly clockStepMs: number }
  /** ONNX Runtime refuses; everything else continues. */
  | { readonly state: 'refused'; readonly problem: string }
  /** The process is gone, and with it all networks; the next call starts another. */
  | { readonly state: 'lost'; readonly problem: string };

export interface Runner extends AsyncDisposable {
  /** Version of ONNX Runtime. */
  readonly version: string;
  /** Counts the processes: networks loaded under an earlier number are gone. */
  generation(): number;
  load(model: string, bytes: Uint8Array): Promise<Outcome>;
  time(model: string, count: number): Promise<Outcome>;
  drop(model: string): Promise<Outcome>;
}

export interface RunnerOptions {
  readonly threads: number;
  /** A call that takes longer ends the process. */
  readonly deadlineMs: number;
  /** Runs of one call end after about so long. */
  readonly limitMs: number;
  /** Memory that networks may take in the process, on top of what it takes without any. */
  readonly memoryBytes: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called with each line that ONNX Runtime prints. */
  readonly onLine: (line: string) => void;
}

type Body<T> = T extends unknown ? Omit<T, 'call'> : never;

/**
 * Starts the process that times, and starts it again when it has died.
 * @throws NasError `NAS_NO_ONNXRUNTIME`, `NAS_NOT_BUILT`
 */
export async function startRunner(options: RunnerOptions): Promise<Runner> {
  let calls = 0;
  let generation = 0;
  let closed = false;
  let child = fresh();
  const version = await child.ready;

  function fresh() {
    generation++;
    return startProcess(options);
  }
  async function call(body: Body<ToRunner>): Promise<Outcome> {
    if (closed) return { state: 'lost', problem: 'the agent is ending' };
    if (child.gone()) {
      child = fresh();
      try {
        await child.ready;
      } catch (error) {
        return { state: 'lost', problem: error instanceof Error ? error.message : String(error) };
      }
    }
    return child.call({ ...body, call: ++calls }, options.deadlineMs);
  }
  return {
    version,
    generation: () => (child.gone() ? generation + 1 : generation),
    load: (model, bytes) => call({ kind: 'load', model, bytes }),
    time: (model, count) => call({ kind: 'time', model, count, limitMs: options.limitMs }),
    drop: (model) => call({ kind: 'drop', model }),
    async [Symbol.asyncDispose]() {
      closed = true;
      await child.end();
    },
  };
}

function startProcess({ threads, environment, memoryBytes, onLine }: RunnerOptions) {
  const { execPath, execArgv } = withMemoryLimit(memoryBytes, threads);
  const child: ChildProcess = fork(
    entryFile(import.meta.url, 'runner'),
    [String(threads), String(memoryBytes)],
    {
      env: {
        ...environment,
        ...ONNXRUNTIME_ENVIRONMENT,
        NAS_AGENT_TOKEN: undefined,
        NAS_AGENT_TOKENS: undefined,
      },
      execPath,
      execArgv,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    },
  );
  endWithUs(child);
  const waiting = new Map<number, (outcome: Outcome) => void>();
  let over: string | null = null;
  let ending = false;
  let ready: (version: string) => void = () => undefined;
  let unusable: (error: Error) => void = () => undefined;
  const isReady = new Promise<string>((resolve, reject) => {
    ready = resolve;
    unusable = reject;
  });
  isReady.catch(() => undefined);

  const lost = (how: string): void => {
    if (over === null && !ending) onLine(how);
    over ??= how;
    unusable(noRuntime(over));
    for (const settle of waiting.values()) settle({ state: 'lost', problem: over });
    waiting.clear();
  };
  const words = lineCollector(onLine);
  child.stderr?.setEncoding('utf8').on('data', (text: string) => words.take(text));
  child.on('error', (error) => lost(`the timing process could not be started (${error.message})`));
  child.on('exit', (code, signal) => {
    words.end();
    const last = words.lastWords();
    const how = `the timing process ended (${signal ?? `exit code ${code ?? '?'}`})`;
    lost(last === '' ? how : `${how}: ${last}`);
  });
  child.on('message', (message: FromRunner) => {
    switch (message.kind) {
      case 'ready':
        return ready(message.version);
      case 'unusable':
        unusable(noRuntime(message.problem));
        return void child.kill('SIGKILL');
      case 'done':
        return settle(message.call, {
          state: 'done',
          runsMs: message.runsMs,
          clockStepMs: message.clockStepMs,
        });
      case 'refused':
        return settle(message.call, { state: 'refused', problem: message.problem });
    }
  });
  function settle(call: number, outcome: Outcome): void {
    waiting.get(call)?.(outcome);
    waiting.delete(call);
  }

  return {
    ready: isReady,
    gone: () => over !== null,
    call(message: ToRunner, deadlineMs: number): Promise<Outcome> {
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          lost(`the network took longer than ${deadlineMs / 1000} s`);
          child.kill('SIGKILL');
        }, deadlineMs);
        waiting.set(message.call, (outcome) => {
          clearTimeout(timer);
          resolve(outcome);
        });
        // A process that is gone is noticed by its `exit` event.
        child.send(message, () => undefined);
      });
    },
    async end(): Promise<void> {
      if (over !== null) return;
      ending = true;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function noRuntime(problem: string): NasError {
  return new NasError({
    code: 'NAS_NO_ONNXRUNTIME',
    found: `ONNX Runtime does not run here: ${problem}`,
    expected: 'the package onnxruntime-node, for Linux with glibc, x64 or arm64',
    fix: 'run: npx nas setup',
  });
}
