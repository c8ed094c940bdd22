// The command line of the bench.
import { parseArgs } from 'node:util';
import { commandLine, list, oneOf, positive } from '../../lib/words.mjs';
import { networkNames } from './networks.mjs';
import { recipes } from './recipes.mjs';

export const PARTS = ['parity', 'step', 'threads', 'evaluate', 'pool', 'memory', 'accuracy'];

export const HELP = `npm run bench:train -- [options]

  --only PARTS        ${PARTS.join(',')} (default: all but accuracy)
  --networks NAMES    ${networkNames.join(',')}
  --threads LIST      threads of the step part (default: 2,1); evaluate and accuracy: the first
  --rounds N          turns of each contestant (default: 15)
  --steps N           steps in a turn (default: 10)
  --recipe NAME       of the step part: ${Object.keys(recipes).join(', ')} (default: full)
  --compile           step: torch.compile too; its compilation is timed apart
  --pool-rounds N     turns of each pool (default: 5)
  --pool-seconds S    seconds of a turn of a pool (default: 10)
  --pools LIST        workers x threads of our pools (default: 1x1,1x2,2x1,2x2,3x1)
  --epochs N          accuracy: epochs (default: 5)
  --seeds LIST        accuracy: seeds (default: 1,2,3)
  --out FOLDER        where results are written (default: bench/train/results)

NAS_BENCH_PYTHON names a Python that has torch and numpy; without it bench/train/.venv is made.
`;

/** @returns the options, or null when help was asked for. Throws for what cannot be meant. */
export function parseOptions(args) {
  const text = (initial) => ({ type: 'string', default: initial });
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h' },
      only: text(PARTS.filter((part) => part !== 'accuracy').join()),
      networks: text(networkNames.join()),
      threads: text('2,1'),
      rounds: text('15'),
      steps: text('10'),
      recipe: text('full'),
      compile: { type: 'boolean', default: false },
      'pool-rounds': text('5'),
      'pool-seconds': text('10'),
      pools: text('1x1,1x2,2x1,2x2,3x1'),
      epochs: text('5'),
      seeds: text('1,2,3'),
      out: text(''),
    },
  });
  if (values.help) return null;
  const pools = list(values.pools).map((pool) => pool.split('x').map((part) => positive('pools', part)));
  return {
    parts: oneOf('only', list(values.only), PARTS),
    networks: oneOf('networks', list(values.networks), networkNames),
    threads: list(values.threads).map((number) => positive('threads', number)),
    rounds: positive('rounds', values.rounds),
    steps: positive('steps', values.steps),
    recipe: oneOf('recipe', [values.recipe], Object.keys(recipes))[0],
    compile: values.compile,
    poolRounds: positive('pool-rounds', values['pool-rounds']),
    poolSeconds: positive('pool-seconds', values['pool-seconds']),
    pools,
    epochs: positive('epochs', values.epochs),
    seeds: list(values.seeds),
    out: values.out,
    command: commandLine('npm run bench:train', args),
  };
}
