// The command line of the bench.
import { parseArgs } from 'node:util';
import { commandLine, list, oneOf, positive } from '../../lib/words.mjs';

export const PARTS = ['repeat', 'concurrent', 'validate', 'predictor', 'python', 'search'];
const PLATFORMS = ['onnxruntime', 'tensorflow'];

/** Numbers of each part: what the aims are held against, and `--short`, which shows only that the part works. */
const NUMBERS = {
  repeat: { long: { networks: 20, processes: 5 }, short: { networks: 4, processes: 2 } },
  concurrent: { long: { networks: 4, rounds: 5 }, short: { networks: 2, rounds: 1 } },
  validate: { long: { networks: 40 }, short: { networks: 10 } },
  predictor: { long: { networks: 120, learned: 50 }, short: { networks: 40, learned: 25 } },
  python: { long: { rounds: 24 }, short: { rounds: 3 } },
  search: {
    long: { trials: 16, steps: 30, timed: 12, rounds: 3 },
    short: { trials: 6, steps: 10, timed: 4, rounds: 1 },
  },
};
const NAMES = [...new Set(Object.values(NUMBERS).flatMap(({ long }) => Object.keys(long)))];

const MEANINGS = {
  networks: 'networks that are timed',
  processes: 'repeat: separate processes',
  rounds: 'concurrent, python: turns of each side; search: sessions of the final timing',
  learned: 'predictor: networks that it learns from',
  trials: 'search: candidates of each search',
  steps: 'search: training steps per candidate',
  timed: 'search: candidates timed on both platforms in the end',
};
const numbersOf = (name) =>
  PARTS.filter((part) => name in NUMBERS[part].long)
    .map((part) => `${part} ${NUMBERS[part].long[name]} or ${NUMBERS[part].short[name]}`)
    .join(', ');

export const HELP = `npm run bench:latency -- [options]

  --only PARTS        ${PARTS.join(',')} (default: all)
  --short             few networks and rounds: shows that a part works, not what it reaches
  --platforms NAMES   of repeat, validate, predictor: ${PLATFORMS.join(',')} (default: both); of concurrent: the same
  --threads N         threads of a runtime, all parts but python (default: 1)
${NAMES.map((name) => `  --${`${name} N`.padEnd(18)}${MEANINGS[name]} (${numbersOf(name)})`).join('\n')}
  --out FOLDER        where results are written (default: bench/latency/results)

NAS_BENCH_PYTHON names a Python that has onnxruntime; without it bench/latency/.venv is made.
`;

/** @returns the options, or null when help was asked for. Throws for what cannot be meant. */
export function parseOptions(args) {
  const text = (initial) => ({ type: 'string', ...(initial === undefined ? {} : { default: initial }) });
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h' },
      short: { type: 'boolean', default: false },
      only: text(PARTS.join()),
      platforms: text(PLATFORMS.join()),
      threads: text('1'),
      out: text(''),
      ...Object.fromEntries(NAMES.map((name) => [name, text()])),
    },
  });
  if (values.help) return null;
  const given = Object.fromEntries(
    NAMES.filter((name) => values[name] !== undefined).map((name) => [name, positive(name, values[name])]),
  );
  const numbers = (part) => {
    const preset = NUMBERS[part][values.short ? 'short' : 'long'];
    return Object.fromEntries(Object.entries(preset).map(([name, value]) => [name, given[name] ?? value]));
  };
  return {
    parts: oneOf('only', list(values.only), PARTS),
    platforms: oneOf('platforms', list(values.platforms), PLATFORMS),
    threads: positive('threads', values.threads),
    numbers,
    short: values.short,
    out: values.out,
    command: commandLine('npm run bench:latency', args),
  };
}
