// The command line of the bench.
import { parseArgs } from 'node:util';
import { commandLine, list, oneOf, positive } from '../../lib/words.mjs';

export const TOOLS = ['nas', 'nas-scale', 'dense', 'width', 'optuna'];

export const HELP = `npm run bench:yardstick -- [options]

  --data SET         fashion-mnist, or images:DIR with DIR/train and DIR/test of square pictures (default: fashion-mnist)
  --data-folder DIR  folder of the data sets (default: .data)
  --minutes N        everything included, for each tool (default: 12)
  --fractions LIST   of MobileNetV3-Small's latency (default: 0.35,0.7)
  --seeds LIST       (default: 1,2,3)
  --tools NAMES      ${TOOLS.join(',')} (default: all)
  --name NAME        of the result (default: results)
  --out FOLDER       where it is written (default: bench/yardstick/results)

NAS_BENCH_PYTHON names the Python; it needs torch, onnx, onnxruntime, optuna, numpy and, for images:DIR, pillow.
`;

/** @returns the options, or null when help was asked for. Throws for what cannot be meant. */
export function parseOptions(args) {
  const text = (initial) => ({ type: 'string', default: initial });
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h' },
      data: text('fashion-mnist'),
      'data-folder': text('.data'),
      minutes: text('12'),
      fractions: text('0.35,0.7'),
      seeds: text('1,2,3'),
      tools: text(TOOLS.join()),
      name: text('results'),
      out: text(''),
    },
  });
  if (values.help) return null;
  return {
    data: values.data,
    dataFolder: values['data-folder'],
    minutes: positive('minutes', values.minutes),
    fractions: list(values.fractions).map((fraction) => positive('fractions', fraction)),
    seeds: list(values.seeds),
    tools: oneOf('tools', list(values.tools), TOOLS),
    name: values.name,
    out: values.out,
    python: process.env.NAS_BENCH_PYTHON ?? 'python3',
    command: commandLine('npm run bench:yardstick', args),
  };
}
