import { fork } from 'node:child_process';
import { tensorflowEnvironment } from '../../backends/index.js';
import { entryFile, NasError } from '../../core/index.js';
import { endWithUs } from '../../process/index.js';
import type {
  AsideReply,
  AsideRequest,
  ForwardRequest,
  GraphRequest,
  SavedModelRequest,
} from './graph-child.js';
import { dirname } from 'node:path';

/**
 * Runs a graph model or a SavedModel through TensorFlow in a separate process; resolves to the output node's numbers.
 * @throws NasError `NAS_GRAPH_RUN` with the child's last words when it cannot
 */
export async function runGraphAside(
  request: GraphRequest | SavedModelRequest,
  flavour: 'cpu' | 'gpu',
  threads: number,
): Promise<Float32Array> {
  const environment = environmentFor(dirname(request.options.directory), flavour, threads);
  const [logits] = await computeAside(request, environment);
  return logits as Float32Array;
}

/**
 * Our own forward pass of some networks in a separate process, on the processor also where there is a card, which
 * may round its products. Resolves to one result per network.
 * @throws NasError `NAS_GRAPH_RUN` with the child's last words when it cannot
 */
export function forwardAside(request: ForwardRequest): Promise<readonly Float32Array[]> {
  const { directory = '', flavour = 'cpu', threads = 1 } = request.tensorflow ?? {};
  const environment = environmentFor(directory, flavour, threads);
  return computeAside(request, { ...environment, CUDA_VISIBLE_DEVICES: '-1' });
}

function environmentFor(directory: string, flavour: 'cpu' | 'gpu', threads: number): Record<string, string> {
  return tensorflowEnvironment({
    ...{ flavour, threads, deterministic: false, directory },
    // One run does not repay what XLA takes to compile.
    outer: { ...process.env, NAS_XLA: 'off' },
  });
}

async function computeAside(
  request: AsideRequest,
  environment: Readonly<Record<string, string>>,
): Promise<readonly Float32Array[]> {
  const child = fork(entryFile(import.meta.url, 'graph-child'), [], {
    env: { ...process.env, ...environment },
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  endWithUs(child);
  let words = '';
  child.stderr?.on('data', (text: Buffer) => (words = (words + text.toString()).slice(-2000)));
  const reply = await new Promise<AsideReply>((resolve) => {
    child.once('message', (message) => {
      resolve(message as AsideReply);
    });
    child.once('error', (error) => {
      resolve({ problem: error.message });
    });
    child.once('exit', (code, signal) => {
      const last = words.trim().split('\n').at(-1) ?? '';
      resolve({ problem: `its process ended (${signal ?? code ?? 'unknown'}) ${last}`.trim() });
    });
    child.send(request, () => undefined);
  });
  if ('results' in reply) return reply.results;
  throw new NasError({
    code: 'NAS_GRAPH_RUN',
    found: `the network could not be run: ${reply.problem}`,
    fix: `nas doctor shows whether TensorFlow works${'options' in request ? '; --no-verify writes without running' : ''}`,
  });
}
