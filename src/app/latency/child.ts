/**
 * Process that times what a look-up table needs: one {@link LatencyJob} in, {@link LatencyAnswer}s out, and a message
 * `stop` for an end between two bursts, or of the program or request that runs. Separate, since TensorFlow reads its settings when the process starts
 * and since a native run blocks the thread that is to hear Ctrl-C.
 */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { createTensorflowBackend } from '../../backends/index.js';
import { isNasError, messageOf, NasError } from '../../core/index.js';
import { timedModels } from '../../export/index.js';
import {
  buildTable,
  fingerprintDigest,
  measureNetworks,
  openPlatform,
  parsePlatform,
  readTable,
  sampledTexts,
  tableFiles,
  tablePath,
  undisturbed,
  writeTable,
  type BuildProgress,
  type LatencyTable,
  type Platform,
  type Surroundings,
} from '../../latency/index.js';
import { spaceFromYaml } from '../../space/index.js';
import { gpuIsOptional } from '../environment.js';
import { latencyJobSchema, type LatencyAnswer, type LatencyEnd, type LatencyJob } from './job.js';
import { resolveSpace } from '../resolve.js';
import { lockTable } from './table-lock.js';
import { tableSource, trustFrom } from '../study/trust.js';

/** Of batch normalisation, as in all recipes; folded into the kernels, so that no latency depends on it. */
const EPSILON = 1e-3;

let stopped = false;
/** Native runs leave the event loop no turn, so a message is heard only where one is given: before each network and session. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const surroundings: Surroundings = {
  ...undisturbed,
  stop: () => stopped,
  async prepare(work) {
    await turn();
    return work();
  },
  async quiet(timing) {
    await turn();
    return timing();
  },
};

function answer(message: LatencyAnswer): void {
  process.send?.(message);
}

function listen(progress: BuildProgress): void {
  answer({ kind: 'progress', ...progress });
}

async function run(job: LatencyJob): Promise<LatencyEnd> {
  await using platform = await open(job).catch((error: unknown) => {
    // A call of a program may take minutes; what was cancelled fails.
    if (stopped && isNasError(error) && error.code === 'NAS_STOPPED') return null;
    throw error;
  });
  if (platform === null) return { kind: 'end', file: job.file ?? '', finished: false, timed: 0, taken: 0 };
  return job.kind === 'build' ? await build(job, platform) : await validate(job, platform);
}

function open(job: LatencyJob): Promise<Platform> {
  const { batch, threads, flavour, tensorflow, latency } = job;
  return openPlatform(parsePlatform(job.platform), {
    backend: () =>
      createTensorflowBackend({
        directory: tensorflow,
        flavour,
        threads,
        temporaryFolder: tmpdir(),
        cpuAllowed: gpuIsOptional(),
      }),
    batch,
    epsilon: EPSILON,
    threads,
    onnx: timedModels(EPSILON),
    environment: process.env,
    trusted: job.trusted,
    temporaryFolder: tmpdir(),
    folder: latency,
    stop: () => stopped,
  });
}

function spaceOf({ space, task }: LatencyJob) {
  return space.yaml === null ? resolveSpace(space.name, task) : spaceFromYaml(space.yaml, task, space.name);
}

async function build(job: LatencyJob, platform: Platform): Promise<LatencyEnd> {
  const space = spaceOf(job);
  const file = job.file ?? tablePath(job.latency, platform.fingerprint, space.digest);
  using lock = lockTable(file);
  void lock;
  const before = existsSync(file) ? readTable(file) : null;
  if (before !== null) {
    requireDevice(before, platform, file);
    if (before.space?.digest !== space.digest) throw otherSpace(before, file);
  }
  const folder = dirname(tablePath(job.latency, platform.fingerprint, space.digest));
  const others = tableFiles(job.latency)
    .filter((other) => dirname(other) === folder && other !== file)
    .map(readTable);
  let remembered = false;
  const { finished, timed, taken } = await buildTable({
    platform,
    name: job.platform,
    space,
    widths: job.widths,
    networks: job.networks,
    before,
    others,
    surroundings,
    save(table) {
      writeTable(file, table);
      // So that `nas latency validate` does not ask for it again.
      if (!remembered) trustFrom(tableSource(file), job.trusted);
      remembered = true;
    },
    listen,
    seed: job.seed,
  });
  return { kind: 'end', file, finished, timed, taken };
}

async function validate(job: LatencyJob, platform: Platform): Promise<LatencyEnd> {
  const file = job.file ?? '';
  using lock = lockTable(file);
  void lock;
  let table = readTable(file);
  requireDevice(table, platform, file);
  // A network that the correction was fitted to would validate itself.
  const fitted = new Set(table.networks.filter(({ use }) => use === 'calibration').map(({ text }) => text));
  const texts = sampledTexts(spaceOf(job), job.networks + fitted.size, `${job.seed}/validation`)
    .filter((text) => !fitted.has(text))
    .slice(0, job.networks);
  // Networks of an earlier, shorter validation stay; so a stopped one resumes.
  const finished = await measureNetworks(
    texts,
    'validation',
    table.networks,
    { platform, surroundings, listen, seed: job.seed },
    (networks) => {
      table = { ...table, networks };
      writeTable(file, table);
    },
  );
  return { kind: 'end', file, finished, timed: texts.length, taken: 0 };
}

/** @throws NasError `NAS_TABLE_OTHER_DEVICE`: lines of different devices are never put into one table */
function requireDevice({ fingerprint }: LatencyTable, platform: Platform, file: string): void {
  const here = fingerprintDigest(platform.fingerprint);
  const there = fingerprint === null ? 'an unknown device' : fingerprintDigest(fingerprint);
  if (there === here) return;
  throw new NasError({
    code: 'NAS_TABLE_OTHER_DEVICE',
    found: `${file} is of ${fingerprint === null ? there : `device ${there}`}, this is device ${here}`,
    expected: 'the same device, runtime versions, threads and batch',
    fix: 'build a table of this device with nas latency build, in another place',
  });
}

function otherSpace({ space }: LatencyTable, file: string): NasError {
  return new NasError({
    code: 'NAS_TABLE_OTHER_SPACE',
    found: `${file} is a table of another search space (${space?.name ?? 'none'})`,
    fix: 'leave --out away, or name another file',
  });
}

/** They reach everything in the terminal, or in the service; the parent says when to stop. */
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
process.once('disconnect', () => process.exit(1));
process.on('message', (message: unknown) => {
  if (message === 'stop') {
    stopped = true;
    return;
  }
  void run(latencyJobSchema.parse(message))
    .catch((error: unknown): LatencyAnswer => {
      if (!isNasError(error)) return { kind: 'bug', message: messageOf(error) };
      const { code, found, expected, fix } = error;
      return { kind: 'error', code, found, expected, fix };
    })
    .then((last) => {
      process.send?.(last, () => process.exit(0));
    });
});
