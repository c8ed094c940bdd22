// The command line of the bench.
import { parseArgs } from 'node:util';
import { commandLine, list, oneOf, positive } from '../../lib/words.mjs';

export const ARMS = ['netadapt', 'min-accuracy-loss', 'knapsack', 'uniform-l2', 'width'];

export const HELP = `npm run bench:netadapt -- [options]

  --networks NAMES    presets to shrink (default: mobilenet_v3_small,mobilenetv4_conv_small)
  --data LIST         fashion-mnist, images:DIR (default: fashion-mnist)
  --data-folder DIR   folder of the data sets (default: .data)
  --size N            side that pictures of images:DIR are brought to (default: 96)
  --limit N           most training pictures (default: all)
  --seeds LIST        (default: 1,2,3)
  --arms NAMES        ${ARMS.join(',')} (default: all)
  --target SHARE      of the start's latency (default: 0.5)
  --delta SHARE       each step's saving, of the start's latency (default: 0.04)
  --proposals N       of a step, at most (default: 8)
  --finetune-steps N  of a proposal (default: 100)
  --start-seconds S   training of the network that is shrunk (default: 600)
  --refine-seconds S  of each NetAdapt (default: 1800)
  --final-seconds S   final training of each arm (default: 600)
  --platform NAME     (default: onnxruntime)
  --name NAME         of the result (default: results)
  --out FOLDER        where it is written (default: bench/netadapt/results)
`;

/** @returns the options, or null when help was asked for. Throws for what cannot be meant. */
export function parseOptions(args) {
  const text = (initial) => ({ type: 'string', default: initial });
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h' },
      networks: text('mobilenet_v3_small,mobilenetv4_conv_small'),
      data: text('fashion-mnist'),
      'data-folder': text('.data'),
      size: text('96'),
      limit: text(''),
      seeds: text('1,2,3'),
      arms: text(ARMS.join()),
      target: text('0.5'),
      delta: text('0.04'),
      proposals: text('8'),
      'finetune-steps': text('100'),
      'start-seconds': text('600'),
      'refine-seconds': text('1800'),
      'final-seconds': text('600'),
      platform: text('onnxruntime'),
      name: text('results'),
      out: text(''),
    },
  });
  if (values.help) return null;
  const number = (name) => positive(name, values[name]);
  return {
    networks: list(values.networks),
    data: list(values.data),
    seeds: list(values.seeds),
    arms: oneOf('arms', list(values.arms), ARMS),
    dataFolder: values['data-folder'],
    settings: {
      size: number('size'),
      limit: values.limit === '' ? null : number('limit'),
      target: number('target'),
      delta: number('delta'),
      proposals: number('proposals'),
      finetuneSteps: number('finetune-steps'),
      startSeconds: number('start-seconds'),
      refineSeconds: number('refine-seconds'),
      finalSeconds: number('final-seconds'),
      platform: values.platform,
    },
    name: values.name,
    out: values.out,
    command: commandLine('npm run bench:netadapt', withoutFolders(args)),
  };
}

/** No folder of this machine is noted. */
function withoutFolders(args) {
  return args
    .filter((arg, i) => arg !== '--data-folder' && args[i - 1] !== '--data-folder')
    .map((arg) => arg.replace(/images:[^,]*/g, 'images:DIR'));
}
