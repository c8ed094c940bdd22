import { rmSync } from 'node:fs';
import { createRng, messageOf, NasError, readPlainFile } from '../../core/index.js';
import { buildNetwork, encodeWeights, type LibraryName } from '../../network/index.js';
import { writeCheckpoint } from '../../pool/index.js';
import { costsOf, formatArchitecture, parseArchitecture, withClasses } from '../../space/index.js';
import type { Trial } from '../../trials/index.js';
import type { Listener } from '../events.js';
import { outsideWeights } from '../outside-weights.js';
import { resolveArchitecture } from '../resolve.js';
import { checkpointName } from '../study/checkpoint-name.js';
import { ownPath } from '../study/own-path.js';
import type { Session } from '../study/session.js';
import type { StudySpec } from '../study/spec.js';
import { statusWriter } from '../study/status.js';

/** A network to shrink that no trial has yet. */
export interface GivenNetwork {
  /** Text form, for the study's task. */
  readonly text: string;
  /** Its weights as a file of ours; null to train it from random ones. */
  readonly weights: Uint8Array | null;
  /** What the user should know of how they were read. */
  readonly notices: readonly string[];
}

export interface GivenNetworkOptions {
  /** Preset, text form or file. */
  readonly name: string;
  /** A safetensors file of another library. */
  readonly weights?: string | undefined;
  readonly library?: LibraryName | undefined;
}

/**
 * The network that a user names, for the task of a study, with weights from outside.
 * @throws NasError what {@link resolveArchitecture} and {@link outsideWeights} find, `NAS_WRONG_TASK`, `NAS_NO_FILE`
 */
export async function givenNetwork(
  { name, weights: file, library }: GivenNetworkOptions,
  { task, recipe, seed }: Pick<StudySpec, 'task' | 'recipe' | 'seed'>,
): Promise<GivenNetwork> {
  const { architecture: named } = resolveArchitecture(name, task);
  if (named.input.join() !== task.input.join())
    throw new NasError({
      code: 'NAS_WRONG_TASK',
      found: `an architecture for ${named.input.join('×')}`,
      expected: `${task.input.join('×')}, as the data has`,
      fix: 'name a preset, or give the data another --size',
    });
  const architecture = withClasses(named, task.classes);
  if (file === undefined) return { text: formatArchitecture(architecture), weights: null, notices: [] };
  const bytes = await readWeights(file);
  const own = { epsilon: recipe.norm.epsilon, rng: createRng(seed).fork('classifier'), library };
  const { architecture: padded, weights, notice } = outsideWeights(bytes, architecture, own);
  const text = formatArchitecture(padded);
  return { text, weights: encodeWeights(buildNetwork(padded), weights, text), notices: [notice] };
}

async function readWeights(path: string): Promise<Uint8Array> {
  return readPlainFile(path).catch((cause: unknown) => {
    throw new NasError({
      code: 'NAS_NO_FILE',
      found: `${path}: ${messageOf(cause)}`,
      expected: 'a safetensors file',
      cause,
    });
  });
}

/** File name of the given weights in the checkpoints folder, until the trial has its own. */
const GIVEN = 'given.weights';

/**
 * The study's trial of a given network, trained by the study's plan for candidates: from the given weights, or from random
 * ones. Trained once; an interrupted training resumes. Undefined when interrupted.
 * @throws NasError `NAS_OTHER_STUDY` where the study was made for another network, `NAS_NO_WEIGHTS` where it cannot be trained
 */
export async function trialOfGiven(
  session: Session,
  { text, weights }: GivenNetwork,
  listen: Listener,
): Promise<number | undefined> {
  const { spec, store, signal, retry, folder } = session;
  const samples = [...store.trials({ kinds: ['sample'] })];
  const known = samples.find((trial) => trial.text === text && trial.parent === null);
  if (known === undefined && samples.length > 0) throw otherNetwork(spec.study);
  if (known?.state === 'done') return known.id;
  const pool = await session.pool();
  const checkpoints = ownPath(folder, 'checkpoints');
  if (weights !== null) await writeCheckpoint(checkpoints, GIVEN, weights);
  const architecture = parseArchitecture(text);
  const trial = await retry.run(
    () =>
      known?.state === 'running'
        ? store.retry(known.id)
        : store.begin(
            [
              {
                ...{ kind: 'sample', parent: null, genome: null, text },
                ...costsOf(architecture),
                seed: `${spec.seed}/given`,
                note: { given: weights === null ? 'architecture' : 'weights' },
              },
            ],
            store.strategyState(),
          )[0],
    signal,
  );
  if (trial === undefined) throw new TypeError('the store began no trial');
  using live = statusWriter(store, 'training', listen);
  const outcome = await pool.evaluate(
    {
      trial: trial.id,
      text,
      seed: trial.seed,
      start: weights === null ? { kind: 'random' } : { kind: 'surgery', checkpoint: GIVEN, text },
      plan: spec.proxy,
      evaluationSplit: 'validation',
      gateMs: null,
      checkpoint: checkpointName(trial.id),
    },
    signal,
    (progress) => {
      live.listen({ phase: 'refine', event: { type: 'progress', progress } });
      return 'continue';
    },
  );
  if (outcome.state === 'stopped' && signal.aborted) return undefined;
  const ended = await retry.run(() => store.finish(trial.id, outcome, null, store.strategyState()), signal);
  rmSync(ownPath(folder, 'checkpoints', GIVEN), { force: true });
  if (ended.state === 'done') return ended.id;
  throw notTrained(ended);
}

function notTrained({ state, outcome }: Trial): NasError {
  const reason = outcome !== null && 'reason' in outcome ? `: ${outcome.reason}` : '';
  return new NasError({
    code: 'NAS_NO_WEIGHTS',
    found: `the network could not be trained (${state}${reason})`,
    fix: 'try a smaller --learning-rate, or give it weights with --weights',
  });
}

function otherNetwork(study: string): NasError {
  return new NasError({
    code: 'NAS_OTHER_STUDY',
    found: `study ${study} is of another network, or a search`,
    fix: 'name a new study with --study, or one of its trials by number',
  });
}
