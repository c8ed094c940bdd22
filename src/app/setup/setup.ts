import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  fetchHeaders,
  findMissing,
  missingError,
  readInstallation,
  setupTensorflow,
  type Flavour,
  type Machine,
  type SetupResult,
} from '../../backends/index.js';
import type { Environment } from '../../process/index.js';
import { databaseReady, setupDatabase } from './database.js';
import { packagesReady, setupPackages } from './packages.js';

/** What a set-up consists of, in the order in which it begins; the last two are made side by side. */
export type SetupPart = 'packages' | 'database' | 'TensorFlow';

export interface SetUpOptions {
  readonly directory: string;
  readonly flavour: Flavour;
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** Output of npm, pip and node-gyp; by default `setup.log` in the directory. */
  readonly log?: string;
  /** The database's, which is written at the same time; by default `database.log` in the directory. */
  readonly databaseLog?: string;
  /** This machine; for tests. */
  readonly machine?: Machine;
  /** Runs one part that is not done yet; `detail` says what is at work, and its share in [0, 1] where that is known. */
  step(part: SetupPart, run: (detail: Detail) => Promise<void>): Promise<void>;
  /** Hears of a part that was done before. */
  skip?(part: SetupPart): void;
}

export type Detail = (text: string, fraction?: number) => void;

export interface SetUpResult {
  /** What was not there before. */
  readonly made: readonly SetupPart[];
  /** Absent when TensorFlow was there already. */
  readonly tensorflow?: SetupResult;
}

/**
 * Does all that a fresh installation lacks: the native packages, the database's add-on for this Node, TensorFlow. Where
 * TensorFlow cannot be had (macOS, ARM), the others are set up anyway, for what works without it, before the error.
 * @throws NasError `NAS_SETUP_…`, and the signal's reason
 */
export async function setUp(options: SetUpOptions): Promise<SetUpResult> {
  const { directory, env, flavour, signal, skip = () => undefined } = options;
  const log = options.log ?? join(directory, 'setup.log');
  const databaseLog = options.databaseLog ?? join(directory, 'database.log');
  const todo = {
    packages: !packagesReady(directory),
    database: !(await databaseReady(directory, env, signal)),
    TensorFlow: readInstallation(directory, flavour) === undefined,
  };
  const parts = (Object.keys(todo) as SetupPart[]).filter((part) => todo[part]);
  for (const part of Object.keys(todo) as SetupPart[]) if (!todo[part]) skip(part);
  if (parts.length === 0) return { made: [] };

  // What all parts need is asked for once, so that all that is missing is in one message.
  const missing = await findMissing({ env, directory, diskBytes: 0, ...machineOf(options) });
  const tensorflowOnly = missing.length > 0 && missing.every(({ code }) => code === 'NAS_SETUP_PLATFORM');
  if (missing.length > 0 && !tensorflowOnly) throw await missingError(missing, env);
  await mkdir(directory, { recursive: true });
  if (todo.packages) {
    await options.step('packages', (detail) => {
      detail('download, unpack');
      return setupPackages({ directory, env, log, signal });
    });
  }
  const needsHeaders = todo.database || (todo.TensorFlow && !tensorflowOnly);
  if (needsHeaders) await fetchHeaders({ env, log, signal });

  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  let tensorflow: SetupResult | undefined;
  const work: Promise<void>[] = [];
  if (todo.database) {
    work.push(
      options.step('database', (detail) =>
        setupDatabase({ directory, env, log: databaseLog, signal: either }, detail),
      ),
    );
  }
  if (todo.TensorFlow && !tensorflowOnly) {
    work.push(
      options.step('TensorFlow', async (detail) => {
        tensorflow = await setupTensorflow({
          ...{ flavour, directory, env, log, signal: either },
          onProgress: ({ stage, fraction, detail: text }) =>
            detail(
              text === undefined ? stage : `${stage} ${text}`,
              stage === 'download' ? fraction : undefined,
            ),
        });
      }),
    );
  }
  try {
    await Promise.all(work);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(work);
    throw error;
  }
  if (todo.TensorFlow && tensorflowOnly) throw await missingError(missing, env);
  return { made: parts, ...(tensorflow === undefined ? {} : { tensorflow }) };
}

const machineOf = ({ machine }: SetUpOptions): { machine?: Machine } =>
  machine === undefined ? {} : { machine };
