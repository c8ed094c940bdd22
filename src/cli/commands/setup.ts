import { Command, Option } from 'commander';
import { detectFlavour, places, setupTensorflow } from '../../app/index.js';
import { stopwatch } from '../../core/index.js';
import { interruption } from '../interrupt.js';
import type { Output } from '../output.js';

/** `nas setup`: TensorFlow out of its Python wheel, the binding built against it. */
export function setupCommand(output: Output): Command {
  return new Command('setup')
    .description('set TensorFlow up in the package folder; returns at once where that was done')
    .addOption(
      new Option(
        '--backend <name>',
        'CPU, or NVIDIA with its CUDA libraries (default: what the machine has)',
      ).choices(['tensorflow', 'tensorflow-gpu']),
    )
    .action(async (options: { readonly backend?: string }) => {
      const signal = interruption((text) => output.note(text));
      const elapsed = stopwatch();
      let last = '';
      const result = await setupTensorflow({
        flavour:
          options.backend === undefined
            ? detectFlavour()
            : options.backend === 'tensorflow-gpu'
              ? 'gpu'
              : 'cpu',
        directory: places().tensorflow,
        env: process.env,
        signal,
        onProgress: ({ stage, fraction, detail }) => {
          const share = fraction === undefined ? '' : ` ${10 * Math.floor(10 * fraction)} %`;
          const text = `${stage}${share}`;
          if (text === last) return;
          last = text;
          const seconds = String(Math.round(elapsed() / 1000)).padStart(4);
          output.note(`${seconds} s  ${text}${detail === undefined ? '' : `  ${detail}`}`);
        },
      });
      output.print(`TensorFlow is ${result.status} (${result.installation.directory})`);
    });
}
