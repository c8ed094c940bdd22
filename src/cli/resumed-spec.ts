import { resolve } from 'node:path';
import { DEFAULTS, resolvePlatform, type StudySpec } from '../app/index.js';
import { formatMs, NasError, readUserText } from '../core/index.js';
import { spaceNames } from '../space/index.js';
import { aimsOf } from './aims.js';
import { dataName, type StudyOptions } from './study-options.js';

/**
 * What a resumed study may change: budget, workers, which weights are kept, the place of its data, and leave to extrapolate
 * a table. All else would make its trials incomparable, so an option that differs from what the study was made with is refused; an equal one is accepted, so that
 * the first command with `--resume` added resumes it.
 * @throws NasError `NAS_OTHER_STUDY` that names the option
 */
export function resumedSpec(
  spec: StudySpec,
  options: StudyOptions & { readonly targetLatency?: readonly number[]; readonly dataFolder?: string },
): StudySpec {
  const { latency, reward, strategy, recipe, proxy, final, host, data } = spec;
  const backend = host.backend === 'tensorflow' && host.flavour === 'gpu' ? 'tensorflow-gpu' : host.backend;
  const aims = [latency, ...latency.also];
  const platforms = options.platform?.map(resolvePlatform) ?? aims.map(({ platform }) => platform);
  const fixed: readonly (readonly [string, Plain | undefined, Plain])[] = [
    [
      '--target-latency',
      options.targetLatency && aimsText(platforms, options.targetLatency),
      aimsText(
        aims.map(({ platform }) => platform),
        aims.map(({ targetMs }) => targetMs),
      ),
    ],
    [
      '--space',
      options.space === undefined ? undefined : spaceText(options.space),
      spec.space.yaml ?? spec.space.name,
    ],
    ['--data', options.data === undefined ? undefined : dataName(options.data), data.name],
    ['--size', options.size, data.size],
    ['--limit', options.limit, data.limit],
    ['--seed', options.seed, spec.seed],
    ['--strategy', options.strategy === DEFAULTS.strategy ? undefined : options.strategy, strategy.name],
    ['--paper', options.paper === true ? 'paper' : undefined, strategy.preset],
    ['--scaled', options.scaled?.join(','), (strategy.scaled ?? []).join(',')],
    ['--reward', options.reward, reward.kind],
    ['--reward-exponent', options.rewardExponent, reward.exponent],
    [
      '--platform',
      options.platform?.map(resolvePlatform).join(' and '),
      aims.map(({ platform }) => platform).join(' and '),
    ],
    ['--latency-batch', options.latencyBatch, latency.batch],
    ['--gate', options.gate, latency.gate],
    ['--recipe', options.recipe, recipe.optimiser.kind === 'rmsprop' ? 'paper' : 'quick'],
    ['--batch', options.batch, recipe.batch],
    ['--epochs', options.epochs, proxy.epochs],
    ['--steps', options.steps, proxy.maxSteps],
    ['--learning-rate', options.learningRate, proxy.learningRate],
    ['--final-epochs', options.finalEpochs, final.epochs],
    ['--mode', options.mode, spec.mode],
    ['--threads', options.threads, host.threads],
    ['--backend', options.backend, backend],
    ['--deterministic', options.deterministic, host.deterministic],
  ];
  for (const [flag, given, is] of fixed) {
    if (given === undefined || given === is) continue;
    throw new NasError({
      code: 'NAS_OTHER_STUDY',
      found: `${flag} ${short(given)}, but study ${spec.study} was made with ${short(is)}`,
      fix: `leave ${flag} out, or choose another name with --study`,
    });
  }
  return {
    ...withExtrapolation(spec, options),
    ...(options.keep === undefined ? {} : { keep: options.keep }),
    budget: { trials: options.trials ?? spec.budget.trials, seconds: options.time ?? spec.budget.seconds },
    host: {
      ...host,
      workers: options.workers ?? host.workers,
      waitSeconds: options.wait ?? host.waitSeconds,
    },
    data: { ...data, folder: options.dataFolder === undefined ? data.folder : resolve(options.dataFolder) },
  };
}

/** A study's table may have become another one since it was made, so this is asked again. */
export function withExtrapolation(
  spec: StudySpec,
  { allowExtrapolation }: { readonly allowExtrapolation?: boolean },
): StudySpec {
  return allowExtrapolation === true ? { ...spec, latency: { ...spec.latency, allowExtrapolation } } : spec;
}

/** Targets in the order of their platforms. */
function aimsText(platforms: readonly string[], targetsMs: readonly number[]): string {
  const { first, also } = aimsOf(platforms, targetsMs);
  return [first, ...also].map(({ targetMs }) => formatMs(targetMs)).join(' and ');
}

type Plain = string | number | boolean | null;

/** Longer is no space. */
const MOST_BYTES = 1024 * 1024;

/** What a study keeps of its space: the name of a built-in one, the text of a user's own. */
function spaceText(named: string): string {
  if (spaceNames.includes(named)) return named;
  const read = readUserText(named, MOST_BYTES);
  return 'value' in read ? read.value : named;
}

function short(value: Plain): string {
  const text = String(value ?? 'none');
  return text.includes('\n') ? 'another search space file' : text.slice(0, 80);
}
